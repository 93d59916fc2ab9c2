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
  azureClient: `k7x8Q${'~'}${body(34)}`,
  azureService: `${body(52)}JQQJ${'99'}${body(26)}`,
  terraform: `${body(14)}.atlas${'v1'}.${body(64)}`,
  mailchimp: `${hex(32)}-${'us'}12`,
  discordBot: `M${body(25)}.${body(6)}.${body(38)}`,
  passwordHash: `$2${'b'}$12$${body(53)}`,
  hubspot: `pat-${'na1'}-${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
  salesforce: `00D${body(12)}!${body(96)}`,
  login: `el${'s'}_acme1_${body(43)}`,
  handoff: `el${'h'}_acme1_${body(43)}`,
  netlify: `nf${'p'}_${body(36)}`,
  hex64: hex(64),
  jwt,
  pemKey,
}

/** Secrets that are known by their surroundings: before, the secret, behind. */
export const SURROUNDED: Readonly<Record<string, readonly [string, string, string]>> = {
  yaml: ['api_key: ', body(32), '\nport: 1'],
  json: ['{"client_secret":"', body(32), '","a":1}'],
  escapedJson: ['{"body":"{\\"token\\":\\"', body(32), '\\"}"}'],
  environment: ['export DB_PASSWORD=', body(20), '\ncd'],
  element: ['<accessToken>\n  ', body(32), '\n</accessToken>'],
  attribute: ['<add key="api_key" value="', body(32), '" />'],
  nameValue: ['- name: BOT_TOKEN\n  value: "', body(32), '"\n'],
  tableCell: ['| access_token | ', body(32), ' |'],
  call: ['credential("', body(32), '")'],
  sentence: ['My api key is ', body(32), ', please keep it.'],
  dockerEnv: ['ENV ACME_TOKEN ', body(32), '\nRUN x'],
  rust: ['let api_key: &str = "', body(32), '";'],
  arrow: ['api_secret <- "', body(32), '"'],
  awsPair: [`AK${'IA'}${body(16).toUpperCase()}\t`, `${body(39)}/`, '\n'],
  flag: ['tool --api-key ', body(32), ' run'],
  curl: ["curl -u 'joe:", 'k7x-Qw2Z', "' https://example.com"],
  mysql: ['mysql -u root -p', 'k7xQw2Zm', ' shop'],
  connection: ['postgres://joe:', 'k7xQw2Zm', '@db:5432/shop'],
  authorization: ['Authorization: Bearer ', body(40), '\r\n'],
  basic: ['authorization: Basic ', btoa(`joe:${body(14)}`), '\n'],
  putty: ['Private-Lines: 1', `\n${body(64)}`, '\nPrivate-MAC: 1'],
  base64Key: ['PrivateKey = ', `/${body(42)}=`, '\n'],
}
