import { type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

/** How a message may be written; every choice means the same. */
export type WriteStyle = {
  readonly brackets: '{}' | '<>';
  readonly colonBeforeMessage: boolean;
  readonly lists: boolean;
  readonly separator: '' | ',' | ';';
  readonly quote: '"' | "'";
  readonly space: ' ' | '\n' | ' # a comment { [ "\n';
};

/** A message in protobuf's text format, all set fields. For tests of the parser only. */
export function writeTextFormat(descriptor: DescMessage, message: Message, style: WriteStyle): string {
  return writeFields(reflect(descriptor, message), style);
}

function writeFields(message: ReflectMessage, style: WriteStyle): string {
  return message.fields
    .filter(field => message.isSet(field))
    .map(field => writeField(message, field, style) + style.separator)
    .join(style.space);
}

function writeField(message: ReflectMessage, field: DescField, style: WriteStyle): string {
  if (field.fieldKind === 'list') {
    const values = [...message.get(field)].map(value => writeValue(field, value, style));
    const isMessage = field.message !== undefined;
    if (style.lists) return `${label(field.name, isMessage, style)}[${values.join(`,${style.space}`)}]`;
    return values.map(value => label(field.name, isMessage, style) + value).join(style.space);
  }
  if (field.fieldKind === 'map') {
    const [open, close] = style.brackets;
    const entries = [...message.get(field)].map(([key, value]) => {
      const keyText = typeof key === 'string' ? writeString(key, style) : String(key);
      const valueText = label('value', field.message !== undefined, style) + writeValue(field, value, style);
      return `${open}${style.space}key: ${keyText}${style.separator}${style.space}${valueText}${close}`;
    });
    return entries.map(entry => label(field.name, true, style) + entry).join(style.space);
  }
  return label(field.name, field.message !== undefined, style) + writeValue(field, message.get(field), style);
}

function label(name: string, isMessage: boolean, style: WriteStyle): string {
  return `${name}${isMessage && !style.colonBeforeMessage ? '' : ':'}${style.space}`;
}

function writeValue(field: DescField, value: unknown, style: WriteStyle): string {
  const [open, close] = style.brackets;
  if (isReflectMessage(value)) return `${open}${style.space}${writeFields(value, style)}${style.space}${close}`;
  if (field.enum) return field.enum.values.find(({ number }) => number === value)?.name ?? String(value);
  const isFloat = field.scalar === ScalarType.FLOAT || field.scalar === ScalarType.DOUBLE;
  if (Object.is(value, -0)) return '-0';
  if (isFloat) return String(value).replace('Infinity', 'inf').replace('NaN', 'nan');
  return typeof value === 'string' ? writeString(value, style) : String(value);
}

function isReflectMessage(value: unknown): value is ReflectMessage {
  return typeof value === 'object' && value !== null && 'desc' in value && 'fields' in value;
}

/** Bytes outside printable ASCII as octal escapes, in pieces that the parser has to join. */
function writeString(text: string, { quote }: WriteStyle): string {
  const escaped = [...Buffer.from(text, 'utf8')].map(byte =>
    byte >= 32 && byte < 127 && byte !== 92 && byte !== quote.charCodeAt(0)
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  const middle = Math.floor(escaped.length / 2);
  return [escaped.slice(0, middle), escaped.slice(middle)].map(part => quote + part.join('') + quote).join(' ');
}
