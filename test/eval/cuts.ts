/**
 * `node test/eval/cuts.ts DIR`: every text with a credential of the evaluation sets in DIR, cut into
 * two at every position and into three around the credential, must be scrubbed as the whole is, and
 * ordinary text be let out with at most MAX_HOLD_BACK characters of delay. Prints what differs.
 */
import { createScrubber } from '../../src/output/scrub.ts'
import { createSecretDictionary } from '../../src/output/secret-dictionary.ts'
import { createStreamScrubber, MAX_HOLD_BACK } from '../../src/output/stream.ts'
import { readSecrets, type SecretRow } from '../support/secret-sets.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('which folder? node test/eval/cuts.ts DIR')

const rowsOf = (set: string): readonly SecretRow[] => readSecrets(folder, set)

const scrubber = createScrubber({ registered: createSecretDictionary(), enabled: true })

function streamed(pieces: readonly string[]): string {
  const stream = createStreamScrubber(scrubber)
  return pieces.map((piece) => stream.push(piece)).join('') + stream.end()
}

/** Around the credential every second cut is tried for every first one, up to this far apart. */
const MAX_APART = 40

function* cutsOf({ input, secret = '' }: SecretRow): Generator<readonly string[]> {
  for (let cut = 1; cut < input.length; cut++) yield [input.slice(0, cut), input.slice(cut)]
  const at = Math.max(0, input.indexOf(secret))
  const last = Math.min(input.length, at + secret.length + 2)
  for (let first = Math.max(1, at - 2); first < last; first++) {
    const end = Math.min(last, first + MAX_APART)
    for (let second = first + 1; second < end; second++) {
      yield [input.slice(0, first), input.slice(first, second), input.slice(second)]
    }
  }
  yield [...input]
}

let cuts = 0
const differing = new Set<string>()
for (const row of [...rowsOf('secrets_pos'), ...rowsOf('secrets_extra')]) {
  const whole = scrubber.scrub(row.input).text
  for (const pieces of cutsOf(row)) {
    cuts++
    if (streamed(pieces) !== whole) differing.add(row.id)
  }
}

let mostBehind = 0
for (const { input } of rowsOf('secrets_neg')) {
  if (scrubber.scrub(input).count > 0) continue
  const stream = createStreamScrubber(scrubber)
  let given = 0
  let got = 0
  for (const char of input) {
    given += char.length
    got += stream.push(char).length
    mostBehind = Math.max(mostBehind, given - got)
  }
}

process.stdout.write(
  `${cuts} cuts, ${differing.size} texts differ ${[...differing].join(' ')}\n` +
    `ordinary text is at most ${mostBehind} of ${MAX_HOLD_BACK} characters behind\n`,
)
process.exitCode = differing.size === 0 && mostBehind <= MAX_HOLD_BACK ? 0 : 1
