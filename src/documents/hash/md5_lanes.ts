/**
 * MD5 of four streams at once, three times as fast as of one after the other: each step of MD5 waits for the one before it,
 * so one stream leaves most of a core idle. A small WebAssembly program, assembled here, takes a step of all four in one
 * SIMD instruction each (RFC 1321; WebAssembly's 128-bit SIMD).
 */

export const LANES = 4;
/** How much a lane's buffer takes of its stream: whole blocks, so that only the end of a stream is not one. */
export const LANE_BYTES = 128 * 1024;
export const BLOCK_BYTES = 64;
/** After the end of a stream come a bit, zeros, and its length. */
const PADDING_BYTES = 2 * BLOCK_BYTES;

export interface Md5Lanes {
  /** Where the bytes of each lane's stream are put, LANE_BYTES of it; what lies beyond is for `pad`. */
  readonly buffers: readonly Uint8Array<ArrayBuffer>[];
  /** A new stream begins. */
  begin(lane: number): void;
  /** Ends a stream of `total` bytes, of which the last `filled` lie in the buffer. @returns how many blocks are in there now. */
  pad(lane: number, filled: number, total: number): number;
  /** Takes so many blocks from each lane, from these places in the buffers on. A lane without a stream takes anything. */
  update(places: readonly number[], blocks: number): void;
  /** Of the stream in that lane, after its last block: lower-case hex. */
  digest(lane: number): string;
}

export function makeMd5Lanes(): Md5Lanes {
  const { memory, update } = new WebAssembly.Instance(new WebAssembly.Module(assemble())).exports as {
    memory: WebAssembly.Memory;
    update(...placesAndBlocks: number[]): void;
  };
  const view = new DataView(memory.buffer as ArrayBuffer);
  const startOf = (lane: number) => DATA + lane * (LANE_BYTES + PADDING_BYTES);
  const buffers = Array.from(
    { length: LANES },
    (_, lane) => new Uint8Array(memory.buffer as ArrayBuffer, startOf(lane), LANE_BYTES + PADDING_BYTES),
  );
  return {
    buffers,
    begin: (lane) => INITIAL.forEach((word, at) => view.setUint32(16 * at + 4 * lane, word, true)),
    pad(lane, filled, total) {
      const blocks = Math.ceil((filled + 9) / BLOCK_BYTES);
      const end = blocks * BLOCK_BYTES;
      buffers[lane]!.fill(0, filled, end);
      buffers[lane]![filled] = 0x80;
      view.setBigUint64(startOf(lane) + end - 8, BigInt(total) * 8n, true);
      return blocks;
    },
    update: (places, blocks) => update(...places.map((place, lane) => startOf(lane) + place), blocks),
    digest(lane) {
      const words = new DataView(new ArrayBuffer(16));
      INITIAL.forEach((_, at) => words.setUint32(4 * at, view.getUint32(16 * at + 4 * lane, true), true));
      return new Uint8Array(words.buffer).toHex();
    },
  };
}

const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
/** The state of the four lanes comes first: four words, each of all lanes. */
const DATA = 64;
const PAGES = Math.ceil((DATA + LANES * (LANE_BYTES + PADDING_BYTES)) / 65_536);

type Code = number[];
// WebAssembly's instructions, as its specification numbers them
const get = (local: number): Code => [0x20, ...leb(local)];
const set = (local: number): Code => [0x21, ...leb(local)];
const tee = (local: number): Code => [0x22, ...leb(local)];
const number = (value: number): Code => [0x41, ...signedLeb(value)];
const simd = (operation: number, ...more: Code): Code => [0xfd, ...leb(operation), ...more];
const load = (offset: number): Code => simd(0, 2, ...leb(offset));
const store = (offset: number): Code => simd(11, 2, ...leb(offset));
const everyLane = (word: number): Code =>
  simd(12, ...Array(4).fill([0, 8, 16, 24].map((shift) => word >>> shift & 255)).flat());
const shuffle = (words: number[]): Code =>
  simd(13, ...words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte)));
const [NOT, OR, XOR, SELECT, LEFT, RIGHT, ADD] = [77, 80, 81, 82, 171, 173, 174].map((one) => simd(one)) as [
  Code,
  Code,
  Code,
  Code,
  Code,
  Code,
  Code,
];
const I32 = 0x7f;
const V128 = 0x7b;

// the function's parameters are four addresses and the number of blocks; its locals come after them
const BLOCKS = 4;
const STATE = [5, 6, 7, 8] as const;
const WORD = 9;
const SCRATCH = 25;

/** The module: `update(address0, address1, address2, address3, blocks)`, at least one block, and its memory. */
function assemble(): Uint8Array<ArrayBuffer> {
  const body = [
    ...leb(1),
    ...leb(SCRATCH + 4 - STATE[0]),
    V128,
    ...STATE.flatMap((local, at) => [...number(0), ...load(16 * at), ...set(local)]),
    ...[0x03, 0x40], // loop
    ...[0, 1, 2, 3].flatMap(loadWords),
    ...Array.from({ length: 64 }, (_, step) => stepOf(step)).flat(),
    ...STATE.flatMap((local, at) => [
      ...number(0),
      ...get(local),
      ...number(0),
      ...load(16 * at),
      ...ADD,
      ...tee(local),
      ...store(16 * at),
    ]),
    ...[0, 1, 2, 3].flatMap((lane) => [...get(lane), ...number(BLOCK_BYTES), 0x6a, ...set(lane)]),
    ...[...get(BLOCKS), ...number(1), 0x6b, ...tee(BLOCKS)],
    ...[0x0d, 0], // again while blocks are left
    ...[0x0b, 0x0b],
  ];
  const section = (id: number, content: Code) => [id, ...leb(content.length), ...content];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...leb(PAGES)]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("update"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** Four words of the block, of every lane: sixteen bytes of each, turned from rows into columns. */
function loadWords(quarter: number): Code {
  const row = (lane: number) => [...get(lane), ...load(16 * quarter)];
  const pair = (
    one: number,
    words: number[],
    to: number,
  ) => [...row(one), ...row(one + 1), ...shuffle(words), ...set(SCRATCH + to)];
  const column = (
    from: number,
    words: number[],
    to: number,
  ) => [
    ...get(SCRATCH + from),
    ...get(SCRATCH + from + 1),
    ...shuffle(words),
    ...set(WORD + 4 * quarter + to),
  ];
  return [
    ...pair(0, [0, 4, 1, 5], 0),
    ...pair(2, [0, 4, 1, 5], 1),
    ...pair(0, [2, 6, 3, 7], 2),
    ...pair(2, [2, 6, 3, 7], 3),
    ...column(0, [0, 1, 4, 5], 0),
    ...column(0, [2, 3, 6, 7], 1),
    ...column(2, [0, 1, 4, 5], 2),
    ...column(2, [2, 3, 6, 7], 3),
  ];
}

const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/** RFC 1321: `a = b + ((a + f(b, c, d) + word + constant) rotated left)`, a to d changing places from step to step. */
function stepOf(step: number): Code {
  const [a, b, c, d] = [0, 1, 2, 3].map((at) => STATE[(at - step % 4 + 4) % 4]!) as [
    number,
    number,
    number,
    number,
  ];
  const round = Math.floor(step / 16);
  const word = [step, 5 * step + 1, 3 * step + 5, 7 * step][round]! % 16;
  const mixed = [
    [...get(c), ...get(d), ...get(b), ...SELECT],
    [...get(b), ...get(c), ...get(d), ...SELECT],
    [...get(b), ...get(c), ...XOR, ...get(d), ...XOR],
    [...get(d), ...NOT, ...get(b), ...OR, ...get(c), ...XOR],
  ][round]!;
  const left = SHIFTS[round]![step % 4]!;
  const constant = Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32);
  return [
    ...[
      ...get(a),
      ...get(WORD + word),
      ...ADD,
      ...everyLane(constant),
      ...ADD,
      ...mixed,
      ...ADD,
      ...tee(SCRATCH),
    ],
    ...[
      ...number(left),
      ...LEFT,
      ...get(SCRATCH),
      ...number(32 - left),
      ...RIGHT,
      ...OR,
      ...get(b),
      ...ADD,
      ...set(a),
    ],
  ];
}

/** A number in the seven bits a byte that WebAssembly writes. */
function leb(value: number): Code {
  return value < 128 ? [value] : [value % 128 + 128, ...leb(Math.floor(value / 128))];
}

/** The same for numbers that have a sign; all of ours are positive. */
function signedLeb(value: number): Code {
  return value < 64 ? [value] : [value % 128 + 128, ...signedLeb(Math.floor(value / 128))];
}
