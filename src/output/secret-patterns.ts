/**
 * Credentials that are known by their looks: data only. Each begins with a literal that its vendor
 * chose for the purpose, so one table look-up per character finds the candidates. What is secret by
 * its name (`api_key = …`) is judged in key-value.ts, not here.
 */
import { ALNUM, type CharClass, charClass, DOTTED_TOKEN, TOKEN, UPPER_ALNUM } from './char-class.ts'

export interface TokenKind {
  readonly kind: string
  readonly anchors: readonly string[]
  readonly body: CharClass
  /** Characters after the anchor. With `max` the token ends there, or is none. */
  readonly min: number
  readonly max?: number
  /** A letter or digit just before the anchor rules it out (`task-…` holds `sk-`). */
  readonly boundary?: true
  /** The body holds a digit or a capital: `sk-this-is-a-slug` is no key. */
  readonly mixed?: true
  readonly ignoreCase?: true
}

const URL_PATH = charClass('A-Za-z0-9/_%=&?-', '.')
const SLACK = charClass('A-Za-z0-9-')
const DOTTED_SLACK = charClass('A-Za-z0-9.-')
const BASE64_TAIL = charClass('A-Za-z0-9+/=_-')
const AUTH_SCHEME_VALUE = charClass('A-Za-z0-9+/=_~:|-', '.')

export const TOKEN_KINDS: readonly TokenKind[] = [
  { kind: 'openai', anchors: ['sk-'], body: TOKEN, min: 16, boundary: true, mixed: true },
  {
    kind: 'github',
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghr_', 'ghs_'],
    body: DOTTED_TOKEN,
    min: 16,
    boundary: true,
  },
  { kind: 'github', anchors: ['github_pat_'], body: TOKEN, min: 16 },
  {
    kind: 'aws',
    anchors: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    body: UPPER_ALNUM,
    min: 16,
    max: 16,
    boundary: true,
  },
  { kind: 'aws', anchors: ['A3T'], body: UPPER_ALNUM, min: 17, max: 17, boundary: true },
  { kind: 'aws', anchors: ['ABSK'], body: BASE64_TAIL, min: 100, boundary: true },
  {
    kind: 'slack',
    anchors: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xoxc-', 'xoxd-'],
    body: SLACK,
    min: 10,
  },
  { kind: 'slack', anchors: ['xoxe.xox'], body: DOTTED_SLACK, min: 20 },
  { kind: 'slack', anchors: ['xapp-', 'xwfp-'], body: SLACK, min: 16, mixed: true },
  {
    kind: 'slack_webhook',
    anchors: [
      'https://hooks.slack.com/services/',
      'https://hooks.slack.com/workflows/',
      'hooks.slack.com/services/',
      'hooks.slack.com/workflows/',
    ],
    body: URL_PATH,
    min: 16,
  },
  {
    kind: 'discord_webhook',
    anchors: ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    body: URL_PATH,
    min: 40,
  },
  { kind: 'google', anchors: ['AIza'], body: TOKEN, min: 30, boundary: true },
  { kind: 'google', anchors: ['ya29.'], body: DOTTED_TOKEN, min: 20 },
  { kind: 'google', anchors: ['GOCSPX-'], body: TOKEN, min: 20 },
  { kind: 'google', anchors: ['1//0'], body: TOKEN, min: 30, boundary: true },
  {
    kind: 'stripe',
    anchors: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    body: ALNUM,
    min: 16,
  },
  { kind: 'npm', anchors: ['npm_'], body: ALNUM, min: 30, boundary: true },
  {
    kind: 'gitlab',
    anchors: [
      'glpat-',
      'gldt-',
      'glrt-',
      'glcbt-',
      'glptt-',
      'glft-',
      'glimt-',
      'glagent-',
      'gloas-',
      'glsoat-',
      'glffct-',
    ],
    body: DOTTED_TOKEN,
    min: 18,
    mixed: true,
  },
  { kind: 'gitlab', anchors: ['GR1348941'], body: TOKEN, min: 16 },
  {
    kind: 'cloudflare',
    anchors: ['cfut_', 'cfat_', 'cfk_', 'cfoat_'],
    body: ALNUM,
    min: 24,
    boundary: true,
  },
  { kind: 'cloudflare', anchors: ['v1.0-'], body: TOKEN, min: 100, boundary: true },
  {
    kind: 'vercel',
    anchors: ['vci_', 'vca_', 'vcr_', 'vck_', 'vcp_'],
    body: ALNUM,
    min: 20,
    boundary: true,
  },
  { kind: 'sendgrid', anchors: ['SG.'], body: DOTTED_TOKEN, min: 40, boundary: true, mixed: true },
  {
    kind: 'shopify',
    anchors: ['shpat_', 'shpca_', 'shppa_', 'shpss_', 'shptka_'],
    body: ALNUM,
    min: 20,
  },
  { kind: '1password', anchors: ['ops_eyJ'], body: BASE64_TAIL, min: 20 },
  { kind: 'vault', anchors: ['hvs.', 'hvb.', 'hvr.'], body: TOKEN, min: 20, boundary: true },
  { kind: 'tailscale', anchors: ['tskey-'], body: TOKEN, min: 16, mixed: true },
  { kind: 'grafana', anchors: ['glsa_', 'glc_'], body: BASE64_TAIL, min: 20, boundary: true },
  { kind: 'groq', anchors: ['gsk_'], body: ALNUM, min: 20, boundary: true },
  { kind: 'xai', anchors: ['xai-'], body: TOKEN, min: 40, boundary: true },
  { kind: 'huggingface', anchors: ['hf_', 'api_org_'], body: ALNUM, min: 30, boundary: true },
  { kind: 'replicate', anchors: ['r8_'], body: ALNUM, min: 30, boundary: true },
  { kind: 'perplexity', anchors: ['pplx-'], body: ALNUM, min: 32, boundary: true },
  { kind: 'fireworks', anchors: ['fw_'], body: ALNUM, min: 22, boundary: true, mixed: true },
  { kind: 'pinecone', anchors: ['pcsk_'], body: TOKEN, min: 20, boundary: true },
  { kind: 'tavily', anchors: ['tvly-'], body: TOKEN, min: 16, boundary: true, mixed: true },
  { kind: 'langsmith', anchors: ['lsv2_'], body: TOKEN, min: 30, boundary: true },
  {
    kind: 'digitalocean',
    anchors: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    body: ALNUM,
    min: 32,
    boundary: true,
  },
  { kind: 'docker', anchors: ['dckr_pat_', 'dckr_oat_'], body: TOKEN, min: 16, boundary: true },
  { kind: 'pypi', anchors: ['pypi-AgEI'], body: TOKEN, min: 30 },
  { kind: 'rubygems', anchors: ['rubygems_'], body: ALNUM, min: 32, boundary: true },
  { kind: 'clojars', anchors: ['CLOJARS_'], body: ALNUM, min: 40 },
  { kind: 'databricks', anchors: ['dapi'], body: charClass('a-f0-9-'), min: 32, boundary: true },
  { kind: 'doppler', anchors: ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.'], body: ALNUM, min: 30 },
  { kind: 'figma', anchors: ['figd_', 'figu_'], body: TOKEN, min: 20, boundary: true },
  { kind: 'flyio', anchors: ['fo1_', 'fm1a_', 'fm1r_', 'fm2_'], body: BASE64_TAIL, min: 30 },
  { kind: 'heroku', anchors: ['HRKU-'], body: TOKEN, min: 30, boundary: true },
  { kind: 'linear', anchors: ['lin_api_', 'lin_oauth_'], body: ALNUM, min: 30 },
  {
    kind: 'mailchimp',
    anchors: ['md-'],
    body: TOKEN,
    min: 22,
    max: 22,
    boundary: true,
    mixed: true,
  },
  { kind: 'mailgun', anchors: ['key-'], body: charClass('a-f0-9'), min: 32, boundary: true },
  { kind: 'newrelic', anchors: ['NRAK-', 'NRJS-', 'NRIQ-'], body: ALNUM, min: 19, boundary: true },
  { kind: 'notion', anchors: ['ntn_'], body: ALNUM, min: 30, boundary: true },
  {
    kind: 'planetscale',
    anchors: ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'],
    body: TOKEN,
    min: 30,
  },
  { kind: 'postman', anchors: ['PMAK-', 'PMAT-'], body: TOKEN, min: 24, boundary: true },
  { kind: 'pulumi', anchors: ['pul-'], body: charClass('a-f0-9'), min: 40, boundary: true },
  { kind: 'sentry', anchors: ['sntrys_', 'sntryu_'], body: BASE64_TAIL, min: 32 },
  { kind: 'shippo', anchors: ['shippo_live_', 'shippo_test_'], body: ALNUM, min: 32 },
  {
    kind: 'square',
    anchors: ['sq0atp-', 'sq0csp-', 'sq0idp-', 'EAAA'],
    body: TOKEN,
    min: 22,
    boundary: true,
    mixed: true,
  },
  { kind: 'supabase', anchors: ['sbp_', 'sb_secret_'], body: TOKEN, min: 20, boundary: true },
  { kind: 'terraform', anchors: ['.atlasv1.'], body: TOKEN, min: 60 },
  { kind: 'twilio', anchors: ['SK'], body: charClass('a-f0-9'), min: 32, max: 32, boundary: true },
  { kind: 'typeform', anchors: ['tfp_'], body: TOKEN, min: 40, boundary: true },
  { kind: 'age', anchors: ['AGE-SECRET-KEY-1'], body: ALNUM, min: 40 },
  {
    kind: 'airtable',
    anchors: ['pat.', 'patk'],
    body: DOTTED_TOKEN,
    min: 40,
    boundary: true,
    mixed: true,
  },
  { kind: 'alibaba', anchors: ['LTAI'], body: ALNUM, min: 16, boundary: true, mixed: true },
  {
    kind: 'atlassian',
    anchors: ['ATATT3xFfGF0', 'ATCTT3xFfGN0', 'ATBB'],
    body: BASE64_TAIL,
    min: 24,
    boundary: true,
  },
  { kind: 'duffel', anchors: ['duffel_live_', 'duffel_test_'], body: TOKEN, min: 30 },
  { kind: 'easypost', anchors: ['EZAK', 'EZTK'], body: ALNUM, min: 50, boundary: true },
  { kind: 'facebook', anchors: ['EAACEdEose0cBA', 'EAAG'], body: ALNUM, min: 60, boundary: true },
  { kind: 'readme', anchors: ['rdme_'], body: ALNUM, min: 60, boundary: true },
  { kind: 'shodan_style', anchors: ['secret_'], body: ALNUM, min: 40, boundary: true, mixed: true },
  { kind: 'edgeclaw', anchors: ['ec_'], body: TOKEN, min: 44, boundary: true, mixed: true },
  {
    kind: 'bearer',
    anchors: ['bearer '],
    body: AUTH_SCHEME_VALUE,
    min: 16,
    boundary: true,
    mixed: true,
    ignoreCase: true,
  },
]
