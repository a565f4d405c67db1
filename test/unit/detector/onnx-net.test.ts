import { expect, test } from 'vitest';
import { takeOutput } from '../../../detector/onnx-net.ts';

const outputs = new Map([['output', { data: new Float32Array(10), shape: [2, 5] }]]);

test('an output is taken by name and shape; -1 stands for any length', () => {
  expect(takeOutput(outputs, 'output', [-1, 5]).shape).toEqual([2, 5]);
});

test('another name or shape says what was expected and what came', () => {
  expect(() => takeOutput(outputs, 'boxes', [2, 5])).toThrow("output 'boxes': expected it, got output");
  expect(() => takeOutput(outputs, 'output', [2, 15])).toThrow("output 'output': expected shape [2,15], got [2,5]");
  expect(() => takeOutput(outputs, 'output', [2])).toThrow('expected shape [2], got [2,5]');
});
