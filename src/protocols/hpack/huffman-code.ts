/** The code lengths of RFC 7541 appendix B in bits, by octet; the last one is that of EOS. */
const LENGTHS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
];

/** The symbol that ends the code space and stands in no string. RFC 7541 §5.2. */
export const EOS = 256;

/** One symbol's code: the low `bitCount` bits of `bits`, sent from the highest. */
export interface HuffmanCode {
  readonly symbol: number;
  readonly bits: number;
  readonly bitCount: number;
}

/**
 * The code of appendix B by symbol, EOS last. It is canonical, so the lengths say it all: codes are handed out in order of length, within a
 * length in order of symbols, each one more than the last.
 */
export const HUFFMAN_CODES: readonly HuffmanCode[] = assignCodes();

function assignCodes(): readonly HuffmanCode[] {
  const codes: HuffmanCode[] = [];
  let bits = 0;
  for (let bitCount = 1; bitCount <= 30; bitCount++) {
    for (const [symbol, length] of LENGTHS.entries()) {
      if (length === bitCount) codes[symbol] = { symbol, bits: bits++, bitCount };
    }
    bits <<= 1;
  }
  return codes;
}
