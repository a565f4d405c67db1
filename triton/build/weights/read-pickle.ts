// Opcodes and their arguments: Python's pickle, protocol 2 (PEP 307; the standard library's pickletools describes each).
import { WeightsError } from './weights-error.ts';

/** A value that a pickle may hold here; `Made` is what the handlers make. Lists and tuples are arrays, dictionaries are Maps. */
export type PickleValue<Made> =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue<Made>[]
  | Map<PickleValue<Made>, PickleValue<Made>>
  | PickleGlobal
  | Made;

/** A name such as `collections OrderedDict`. It is compared, never looked up. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** What a pickle may name and make. Each handler throws a WeightsError for what it does not know; `offset` is for its message. */
export type PickleHandlers<Made> = {
  /** The only globals that may be named, as `module name`. */
  readonly globals: ReadonlySet<string>;
  /** What calling a global gives. */
  reduce(name: string, args: readonly PickleValue<Made>[], offset: number): PickleValue<Made>;
  /** What a persistent id stands for. */
  persistent(id: PickleValue<Made>, offset: number): PickleValue<Made>;
};

const longestGlobal = 256;

/** A pickle names tensors and holds none of their elements: thousands of tensors fit. */
const maxPickleBytes = 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads one pickle that begins at `start`, and says where it ends. Nothing is executed or imported: the opcodes are a
 * closed list, and what a pickle calls goes to `handlers`. Every length is checked against the file before it is used, and a
 * pickle may have 1 MiB, so time and memory are bounded. Throws only WeightsErrors, which name opcode and offset.
 */
export function readPickle<Made extends object>(
  file: Uint8Array,
  start: number,
  handlers: PickleHandlers<Made>,
): { readonly value: PickleValue<Made>; readonly end: number } {
  type Value = PickleValue<Made>;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const memo = new Map<number, Value>();
  const stack: Value[] = [];
  const marks: number[] = [];
  let at = start;
  let opcodeAt = start;

  const failure = (message: string): WeightsError => new WeightsError(`pickle at offset ${opcodeAt}: ${message}`);
  const take = (count: number): number => {
    if (count > file.length - at) throw failure(`expected ${count} more bytes, got ${file.length - at}`);
    at += count;
    return at - count;
  };
  const pop = (): Value => {
    const floor = marks.at(-1) ?? 0;
    const value = stack.length > floor ? stack.pop() : undefined;
    if (value === undefined) throw failure('expected a value on the stack, got none');
    return value;
  };
  const popToMark = (): Value[] => {
    const mark = marks.pop();
    if (mark === undefined) throw failure('expected a mark on the stack, got none');
    return stack.splice(mark);
  };
  const popMany = (count: number): Value[] => Array.from({ length: count }, pop).reverse();
  /** The container under the values just taken; it stays on the stack. */
  const top = (): Value => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const setItems = (items: readonly Value[]): void => {
    const map = top();
    if (items.length % 2 !== 0) throw failure(`expected keys and values in pairs, got ${items.length} values`);
    if (!(map instanceof Map)) throw failure('expected a dictionary to put items into');
    for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  };
  const append = (items: readonly Value[]): void => {
    const list = top();
    if (!Array.isArray(list)) throw failure('expected a list to append to');
    for (const item of items) list.push(item);
  };
  const recall = (index: number): void => {
    const value = memo.get(index);
    if (value === undefined) throw failure(`expected a memo ${index}, got none`);
    stack.push(value);
  };
  const readLong = (length: number): bigint => {
    const from = take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(file[from + i]!);
    return BigInt.asIntN(8 * length, value);
  };
  const readText = (length: number): string => {
    const from = take(length);
    try {
      return utf8.decode(file.subarray(from, from + length));
    } catch {
      throw failure('expected UTF-8 text');
    }
  };
  const readLine = (): string => {
    const end = file.subarray(at, at + longestGlobal).indexOf(0x0a);
    if (end < 0) throw failure(`expected a name that ends within ${longestGlobal} bytes`);
    const line = readText(end);
    take(1);
    return line;
  };

  for (;;) {
    opcodeAt = at;
    if (at - start > maxPickleBytes) throw failure(`expected a pickle of at most ${maxPickleBytes} bytes`);
    const opcode = file[take(1)]!;
    switch (opcode) {
      case 0x80: {
        // PROTO
        const protocol = file[take(1)]!;
        if (protocol !== 2) throw failure(`expected protocol 2, got ${protocol}`);
        break;
      }
      case 0x2e: // STOP
        if (stack.length !== 1 || marks.length > 0) throw failure(`expected one value at the end, got ${stack.length}`);
        return { value: stack[0]!, end: at };
      case 0x28: // MARK
        marks.push(stack.length);
        break;
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x4a: // BININT
        stack.push(view.getInt32(take(4), true));
        break;
      case 0x4b: // BININT1
        stack.push(file[take(1)]!);
        break;
      case 0x4d: // BININT2
        stack.push(view.getUint16(take(2), true));
        break;
      case 0x8a: // LONG1
        stack.push(readLong(file[take(1)]!));
        break;
      case 0x58: // BINUNICODE
        stack.push(readText(view.getUint32(take(4), true)));
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        break;
      case 0x74: // TUPLE
        stack.push(popToMark());
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        stack.push(popMany(opcode - 0x84));
        break;
      case 0x73: // SETITEM
        setItems(popMany(2));
        break;
      case 0x75: // SETITEMS
        setItems(popToMark());
        break;
      case 0x61: // APPEND
        append(popMany(1));
        break;
      case 0x65: // APPENDS
        append(popToMark());
        break;
      case 0x71: // BINPUT
        memo.set(file[take(1)]!, top());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(view.getUint32(take(4), true), top());
        break;
      case 0x68: // BINGET
        recall(file[take(1)]!);
        break;
      case 0x6a: // LONG_BINGET
        recall(view.getUint32(take(4), true));
        break;
      case 0x63: {
        // GLOBAL
        const name = `${readLine()} ${readLine()}`;
        if (!handlers.globals.has(name)) throw failure(`global '${name}' is not allowed`);
        stack.push(new PickleGlobal(name));
        break;
      }
      case 0x51: // BINPERSID
        stack.push(handlers.persistent(pop(), opcodeAt));
        break;
      case 0x52: {
        // REDUCE
        const [callee, args] = popMany(2);
        if (!(callee instanceof PickleGlobal && Array.isArray(args))) {
          throw failure('expected a global and a tuple to call it with');
        }
        stack.push(handlers.reduce(callee.name, args, opcodeAt));
        break;
      }
      case 0x62: // BUILD sets an object's attributes; a state dict's are its versions, which nothing here reads
        pop();
        if (!(top() instanceof Map)) throw failure('expected a dictionary to set attributes of');
        break;
      default:
        throw failure(`opcode 0x${opcode.toString(16).padStart(2, '0')} is not allowed`);
    }
  }
}
