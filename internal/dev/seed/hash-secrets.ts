/*
 * V8's first step with --random-seed: it draws a hash seed, and searches three prime numbers from it for
 * hashing strings. The time depends only on the seed. This follows src/base/utils/random-number-generator.cc,
 * src/numbers/hash-seed.cc and third_party/rapidhash-v8/secret.h of V8 14.6. The test compares it with the
 * Node that ships.
 */

export interface HashSecrets {
  readonly hashSeed: bigint;
  readonly primes: readonly bigint[];
  /** The number of powers that the tests for primes computed. They take most of the time. */
  readonly powers: number;
}

/**
 * @param randomSeed the value of --random-seed, a positive integer
 */
export function deriveHashSecrets(randomSeed: number): HashSecrets {
  const hashSeed = firstRandomNumber(BigInt(randomSeed));
  const candidates = drawCandidates(hashSeed);
  const primes: bigint[] = [];
  let powers = 0;
  const isPrime = (candidate: bigint) =>
    bases.every((base) => {
      powers++;
      return passesTest(base, candidate);
    });
  while (primes.length < 3) {
    const candidate: bigint = candidates.next().value;
    const isApart = primes.every((prime) => countBits(prime ^ candidate) === 32);
    if (candidate % 2n === 1n && isApart && isPrime(candidate)) primes.push(candidate);
  }
  return { hashSeed, primes, powers };
}

function word(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** The first number of xorshift128+. MurmurHash3 makes its state from the seed. */
function firstRandomNumber(seed: bigint): bigint {
  const state0 = murmurHash3(seed);
  const state1 = murmurHash3(word(~state0));
  let mixed = word(state0 ^ (state0 << 23n));
  mixed ^= mixed >> 17n;
  mixed ^= state1 ^ (state1 >> 26n);
  return word(state1 + mixed);
}

function murmurHash3(value: bigint): bigint {
  let hash = value;
  hash = word((hash ^ (hash >> 33n)) * 0xff51_afd7_ed55_8ccdn);
  hash = word((hash ^ (hash >> 33n)) * 0xc4ce_b9fe_1a85_ec53n);
  return hash ^ (hash >> 33n);
}

/** Numbers of eight bytes with four ones each. */
function* drawCandidates(hashSeed: bigint): Generator<bigint, never> {
  for (let state = hashSeed; ; ) {
    let candidate = 0n;
    for (let shift = 0n; shift < 64n; shift += 8n) {
      state = word(state + 0x2d35_8dcc_aa6c_78a5n);
      const product = state * (state ^ 0x8bb8_4b93_962e_acc9n);
      const index = word(product ^ (product >> 64n)) % BigInt(balancedBytes.length);
      candidate |= BigInt(balancedBytes[Number(index)] ?? 0) << shift;
    }
    yield candidate;
  }
}

const balancedBytes = Array.from({ length: 256 }, (_, byte) => byte).filter(
  (byte) => countBits(BigInt(byte)) === 4,
);

function countBits(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

const bases = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n];

/** The test of Miller and Rabin. For 64 bits and these bases its result is certain. */
function passesTest(base: bigint, candidate: bigint): boolean {
  let exponent = candidate - 1n;
  let halvings = 0;
  for (; exponent % 2n === 0n; exponent /= 2n) halvings++;
  let power = powerModulo(base, exponent, candidate);
  if (power === 1n || power === candidate - 1n) return true;
  while (--halvings > 0) {
    power = (power * power) % candidate;
    if (power === candidate - 1n) return true;
  }
  return false;
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest /= 2n) {
    if (rest % 2n === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
