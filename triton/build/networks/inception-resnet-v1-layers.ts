// InceptionResnetV1 as facenet-pytorch 2.5.3 builds it, in the names of its state dict: Inception-ResNet-v1 (Szegedy et al., 2016) in
// David Sandberg's variant for faces.

/** A convolution without bias, batch normalisation, ReLU. */
export type ConvLayer = {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: 1 | 2;
  /** Keeps the size of the map (a padding of half the kernel); false: no padding. */
  readonly padded: boolean;
};

/** Convolutions one after the other, or a max-pool 3 × 3 of stride 2. */
export type Branch = readonly ConvLayer[] | 'pool';

export type Block = {
  readonly name: string;
  /** Their outputs are concatenated. */
  readonly branches: readonly Branch[];
  /** A 1 × 1 convolution with bias over the branches; its output, scaled, is added to the block's input. Null: no shortcut. */
  readonly joint: {
    readonly inputs: number;
    readonly outputs: number;
    readonly scale: number;
    readonly relu: boolean;
  } | null;
};

type Kernel = number | readonly [number, number];

function conv(
  name: string,
  inputs: number,
  outputs: number,
  kernel: Kernel,
  stride: 1 | 2 = 1,
  padded = false,
): ConvLayer {
  return { name, inputs, outputs, kernel: typeof kernel === 'number' ? [kernel, kernel] : kernel, stride, padded };
}

/** Steps of a branch: output channels, kernel, and for the last of a reduction its stride. All but strided ones keep the size. */
type Step = readonly [outputs: number, kernel: Kernel, stride?: 2];

/** A branch of one step is named after itself, the steps of a longer one are numbered. */
function branch(name: string, inputs: number, ...steps: readonly Step[]): ConvLayer[] {
  return steps.map(([outputs, kernel, stride], i) => {
    const previous = steps[i - 1]?.[0] ?? inputs;
    return conv(steps.length === 1 ? name : `${name}.${i}`, previous, outputs, kernel, stride, stride === undefined);
  });
}

const pool = 'pool';

/** The layers before the blocks. */
export const stem: readonly (ConvLayer | typeof pool)[] = [
  conv('conv2d_1a', 3, 32, 3, 2),
  conv('conv2d_2a', 32, 32, 3),
  conv('conv2d_2b', 32, 64, 3, 1, true),
  pool,
  conv('conv2d_3b', 64, 80, 1),
  conv('conv2d_4a', 80, 192, 3),
  conv('conv2d_4b', 192, 256, 3, 2),
];

function block35(name: string): Block {
  const branches = [
    branch(`${name}.branch0`, 256, [32, 1]),
    branch(`${name}.branch1`, 256, [32, 1], [32, 3]),
    branch(`${name}.branch2`, 256, [32, 1], [32, 3], [32, 3]),
  ];
  return { name, branches, joint: { inputs: 96, outputs: 256, scale: 0.17, relu: true } };
}

function block17(name: string): Block {
  const branches = [
    branch(`${name}.branch0`, 896, [128, 1]),
    branch(`${name}.branch1`, 896, [128, 1], [128, [1, 7]], [128, [7, 1]]),
  ];
  return { name, branches, joint: { inputs: 256, outputs: 896, scale: 0.1, relu: true } };
}

function block8(name: string, scale: number, relu: boolean): Block {
  const branches = [
    branch(`${name}.branch0`, 1792, [192, 1]),
    branch(`${name}.branch1`, 1792, [192, 1], [192, [1, 3]], [192, [3, 1]]),
  ];
  return { name, branches, joint: { inputs: 384, outputs: 1792, scale, relu } };
}

function repeat(count: number, make: (index: number) => Block): Block[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

export const blocks: readonly Block[] = [
  ...repeat(5, i => block35(`repeat_1.${i}`)),
  {
    name: 'mixed_6a',
    branches: [
      branch('mixed_6a.branch0', 256, [384, 3, 2]),
      branch('mixed_6a.branch1', 256, [192, 1], [192, 3], [256, 3, 2]),
      pool,
    ],
    joint: null,
  },
  ...repeat(10, i => block17(`repeat_2.${i}`)),
  {
    name: 'mixed_7a',
    branches: [
      branch('mixed_7a.branch0', 896, [256, 1], [384, 3, 2]),
      branch('mixed_7a.branch1', 896, [256, 1], [256, 3, 2]),
      branch('mixed_7a.branch2', 896, [256, 1], [256, 3], [256, 3, 2]),
      pool,
    ],
    joint: null,
  },
  ...repeat(5, i => block8(`repeat_3.${i}`, 0.2, true)),
  block8('block8', 1, false),
];

/** Channels after the last block, and numbers in an embedding. */
export const features = 1792;
export const dim = 512;

export type ExpectedTensor = {
  readonly name: string;
  readonly shape: readonly number[];
  /** What the tensor is: filters, a layer's bias, or one of batch normalisation's four. */
  readonly role: 'filters' | 'bias' | 'scale' | 'shift' | 'mean' | 'variance';
};

/** Every tensor that the embedding is computed from, in the order of facenet-pytorch's state dict. */
export const expectedTensors: readonly ExpectedTensor[] = [
  ...stem.flatMap(layer => (layer === pool ? [] : tensorsOfConv(layer))),
  ...blocks.flatMap(({ name, branches, joint }) => [
    ...branches.flatMap(layers => (layers === pool ? [] : layers.flatMap(tensorsOfConv))),
    ...(joint === null ? [] : tensorsOfJoint(name, joint)),
  ]),
  { name: 'last_linear.weight', shape: [dim, features], role: 'filters' },
  ...tensorsOfNorm('last_bn', dim),
];

function tensorsOfConv({ name, inputs, outputs, kernel }: ConvLayer): ExpectedTensor[] {
  const filters: ExpectedTensor = { name: `${name}.conv.weight`, shape: [outputs, inputs, ...kernel], role: 'filters' };
  return [filters, ...tensorsOfNorm(`${name}.bn`, outputs)];
}

function tensorsOfJoint(name: string, { inputs, outputs }: NonNullable<Block['joint']>): ExpectedTensor[] {
  return [
    { name: `${name}.conv2d.weight`, shape: [outputs, inputs, 1, 1], role: 'filters' },
    { name: `${name}.conv2d.bias`, shape: [outputs], role: 'bias' },
  ];
}

function tensorsOfNorm(name: string, channels: number): ExpectedTensor[] {
  return [
    { name: `${name}.weight`, shape: [channels], role: 'scale' },
    { name: `${name}.bias`, shape: [channels], role: 'shift' },
    { name: `${name}.running_mean`, shape: [channels], role: 'mean' },
    { name: `${name}.running_var`, shape: [channels], role: 'variance' },
  ];
}
