import type { DescEnum, DescField, DescMessage, MessageShape } from '@bufbuild/protobuf';
import { isReflectMessage, type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

/**
 * A message as Triton's HTTP side writes it: field names as in the .proto file, every field that has no presence written also when it
 * is empty, enums by name, and integers of 64 bits as numbers, where protobuf's own JSON has strings.
 */
export function messageJson<D extends DescMessage>(descriptor: D, message: MessageShape<D>): string {
  return reflectedJson(reflect(descriptor, message));
}

function reflectedJson(message: ReflectMessage): string {
  const members = message.fields.flatMap(field => {
    const hasPresence = field.oneof !== undefined || field.fieldKind === 'message';
    return hasPresence && !message.isSet(field) ? [] : [`${JSON.stringify(field.name)}:${fieldJson(message, field)}`];
  });
  return `{${members.join()}}`;
}

function fieldJson(message: ReflectMessage, field: DescField): string {
  switch (field.fieldKind) {
    case 'list':
      return `[${Array.from(message.get(field), value => valueJson(value, field.enum)).join()}]`;
    case 'map': {
      const entries = Array.from(
        message.get(field),
        ([key, value]) => `${JSON.stringify(String(key))}:${valueJson(value, field.enum)}`,
      );
      return `{${entries.join()}}`;
    }
    default:
      return valueJson(message.get(field), field.enum);
  }
}

function valueJson(value: unknown, enumeration: DescEnum | undefined): string {
  if (isReflectMessage(value)) return reflectedJson(value);
  if (typeof value === 'bigint') return value.toString();
  if (enumeration !== undefined) return JSON.stringify(enumeration.value[Number(value)]?.name ?? value);
  return JSON.stringify(value);
}
