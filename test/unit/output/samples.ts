/**
 * Made-up credentials, put together at run time so that no secret scanner takes this file for a
 * leak. `body` is deterministic and looks random.
 */
const ALPHABET = 'k7QwZ2mXr9TbLd4VnYs6HgJc3PfRe8KuWa5'

export const body = (length: number, seed = 1): string => {
  let state = seed
  let text = ''
  while (text.length < length) {
    state = (state * 48_271) % 2_147_483_647
    text += ALPHABET[state % ALPHABET.length] ?? ''
  }
  return text
}

export const hex = (length: number, seed = 1): string => {
  let state = seed
  let text = ''
  while (text.length < length) {
    state = (state * 48_271) % 2_147_483_647
    text += (state % 16).toString(16)
  }
  return text
}

const pemLine = (seed: number): string => body(64, seed)
const dashes = '-'.repeat(5)
export const pemKey = [
  `${dashes}BEGIN RSA ${'PRIVATE'} KEY${dashes}`,
  pemLine(3),
  pemLine(4),
  pemLine(5),
  `${body(21, 6)}==`,
  `${dashes}END RSA ${'PRIVATE'} KEY${dashes}`,
].join('\n')

const b64url = (text: string): string => btoa(text).replace(/=+$/, '')
export const jwt = `${b64url('{"alg":"HS256","typ":"JWT"}')}.${b64url('{"sub":"someone","n":12345}')}.${body(43, 9)}`

/** name → a text that is nothing but the credential. */
export const TOKENS: Readonly<Record<string, string>> = {
  openai: `sk${'-'}${body(48)}`,
  openaiProject: `sk${'-'}proj-${body(90)}`,
  anthropic: `sk${'-'}ant-api03-${body(80)}`,
  github: `ghp${'_'}${body(36)}`,
  githubFine: `github${'_'}pat_${body(22)}_${body(59)}`,
  aws: `AK${'IA'}${body(16).toUpperCase()}`,
  awsSession: `AS${'IA'}${body(16, 2).toUpperCase()}`,
  slack: `xo${'xb'}-1234567890-1234567890-${body(24)}`,
  slackWebhook: `https://hooks.slack${'.com'}/services/T01/B02/${body(24)}`,
  google: `AI${'za'}${body(35)}`,
  stripe: `sk${'_'}live_${body(24)}`,
  npm: `npm${'_'}${body(36)}`,
  gitlab: `gl${'pat'}-${body(20)}`,
  sendgrid: `S${'G'}.${body(22)}.${body(43)}`,
  telegram: `123456789${':'}${body(35)}`,
  huggingface: `hf${'_'}${body(34)}`,
  hex64: hex(64),
  jwt,
  pemKey,
}
