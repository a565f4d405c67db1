import { describe, expect, it } from 'vitest';
import { readTensors } from '../../../../triton/build/read-tensors.ts';
import { emptyGraph } from './tiny-model.ts';

describe('reading the tensors of a graph', () => {
  it('gives names, datatypes and shapes, -1 for what is free', () => {
    const graph = emptyGraph([['input', 'UINT8', [-1, 3, 150, 150]]], [['embedding', 'FLOAT', [-1, 128]]]);
    expect(readTensors(graph)).toEqual({
      inputs: [{ name: 'input', datatype: 'UINT8', shape: [-1, 3, 150, 150] }],
      outputs: [{ name: 'embedding', datatype: 'FP32', shape: [-1, 128] }],
    });
  });

  it('refuses an element type that the protocol has no fixed size for, and what is no model', () => {
    expect(() => readTensors(emptyGraph([['text', 'STRING', [-1]]], []))).toThrow("tensor 'text': expected a known");
    expect(() => readTensors(new Uint8Array())).toThrow('expected a graph, got none');
  });
});
