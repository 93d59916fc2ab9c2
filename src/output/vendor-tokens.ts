/**
 * Credentials of the many smaller vendors, known by the literal each begins with: data only, as in
 * secret-patterns.ts. What is listed was published by its vendor or is what its tokens look like.
 */
import { ALNUM, type CharClass, charClass, DOTTED_TOKEN, TOKEN, UPPER_ALNUM } from './char-class.ts'
import type { TokenKind } from './token-kind.ts'

const HEX = charClass('a-f0-9')
const HEX_DASH = charClass('a-fA-F0-9-')
const BASE64_TAIL = charClass('A-Za-z0-9+/=_-')
const DOTTED_BASE64 = charClass('A-Za-z0-9+/=_-', '.')
const URL_PATH = charClass('A-Za-z0-9/_%=&?@-', '.')
const UPPER_DOTTED = charClass('A-Z0-9', '.')

type Row = readonly [
  kind: string,
  anchors: string,
  body: CharClass,
  min: number,
  marks?: 'digits' | 'inside',
]

/**
 * `digits`: the anchor is short, so the body must look like no name. `inside`: the anchor is so long
 * that it may also stand within a word.
 */
const ROWS: readonly Row[] = [
  // Source hosting, builds, packages
  ['gitlab', 'glrtr- glwt-', DOTTED_TOKEN, 18, 'digits'],
  ['artifactory', 'AKCp cmVmdGtuOj', ALNUM, 40],
  ['buildkite', 'bkua_ bkct_ bkpt_', ALNUM, 32],
  ['circleci', 'CCIPAT_ CCIPRJ_', TOKEN, 30],
  ['nuget', 'oy2', charClass('a-z0-9'), 43, 'digits'],
  ['octopus', 'API-', UPPER_ALNUM, 25],
  ['prefect', 'pnu_ pnb_', ALNUM, 32],
  ['sonar', 'squ_ sqp_ sqa_ sqco_', BASE64_TAIL, 36],
  ['sourcegraph', 'sgp_ slk_', TOKEN, 36],
  ['snyk', 'snyk_uat. snyk_sat.', DOTTED_TOKEN, 30],
  ['spectral', 'spu-', ALNUM, 30],
  ['deno', 'ddp_ ddw_', ALNUM, 30],
  ['netlify', 'nfp_ nfc_ nfo_ nfu_', ALNUM, 32],
  ['render', 'rnd_', ALNUM, 24, 'digits'],
  ['scalingo', 'tk-us-', TOKEN, 40],
  ['cypress', 'cypress_', HEX_DASH, 32],
  ['infracost', 'ico-', ALNUM, 30, 'digits'],
  // Clouds and secret stores
  ['aws_mws', 'amzn.mws.', HEX_DASH, 36, 'inside'],
  ['yandex', 'AQVN YCAJ', TOKEN, 34, 'digits'],
  ['yandex', 't1.', DOTTED_BASE64, 90, 'digits'],
  ['dynatrace', 'dt0c01. dt0s01. dt0s16.', UPPER_DOTTED, 60],
  ['openshift', 'sha256~', TOKEN, 43],
  ['infisical', 'st.', DOTTED_TOKEN, 80, 'digits'],
  ['vault', 's.', ALNUM, 24, 'digits'],
  ['onepassword', 'A3-', charClass('A-Z0-9-'), 30, 'digits'],
  ['mongodb_atlas', 'mdb_sa_sk_', TOKEN, 20],
  ['neon', 'napi_', ALNUM, 40],
  ['fauna', 'fnA fnE', BASE64_TAIL, 36, 'digits'],
  ['launchdarkly', 'api- sdk- mob-', charClass('a-f0-9-'), 36, 'digits'],
  ['statsig', 'secret-', ALNUM, 30, 'digits'],
  ['aws', 'bedrock-api-key-', BASE64_TAIL, 40],
  ['clickhouse', '4b1d', ALNUM, 38, 'digits'],
  ['jwt', 'ZXlK', BASE64_TAIL, 60, 'digits'],
  [
    'password_hash',
    '$2a$ $2b$ $2y$ $5$ $6$ $y$ $apr1$ $argon2id$ $argon2i$ $7$ $scrypt$',
    charClass('A-Za-z0-9./$=,+'),
    26,
  ],
  ['wallet', 'xprv yprv zprv', ALNUM, 90],
  // Models and their tools
  ['anyscale', 'esecret_', ALNUM, 24],
  ['cerebras', 'csk-', ALNUM, 40],
  ['elevenlabs', 'sk_', HEX, 48],
  ['firecrawl', 'fc-', HEX, 32],
  ['jina', 'jina_', TOKEN, 40],
  ['langsmith', 'ls__', TOKEN, 30],
  ['llama_cloud', 'llx-', ALNUM, 40],
  ['nvidia', 'nvapi-', TOKEN, 40],
  ['together', 'tgp_v1_', TOKEN, 30],
  ['voyage', 'pa-', TOKEN, 40, 'digits'],
  ['weights_biases', 'wandb_v1_', TOKEN, 30],
  ['brave', 'BSA', TOKEN, 27, 'digits'],
  ['e2b', 'e2b_', HEX, 36],
  ['apify', 'apify_api_ apify_proxy_', ALNUM, 30],
  ['composio', 'ak_', ALNUM, 20, 'digits'],
  // Money
  ['stripe', 'sk_prod_ rk_prod_ sk_org_ ek_live_ ek_test_', ALNUM, 16],
  [
    'braintree',
    'access_token$production$ access_token$sandbox$',
    charClass('a-z0-9$'),
    40,
    'inside',
  ],
  ['flutterwave', 'FLWSECK_TEST- FLWSECK- FLWSECK_TEST', charClass('A-Za-z0-9-'), 12],
  ['plaid', 'access-sandbox- access-development- access-production-', HEX_DASH, 36],
  ['razorpay', 'rzp_live_ rzp_test_', ALNUM, 14],
  ['paddle', 'pdl_live_apikey_ pdl_sdbx_apikey_', TOKEN, 30],
  ['mollie', 'live_ test_', ALNUM, 30, 'digits'],
  ['lob', 'live_pub_ test_pub_', HEX, 31],
  ['frameio', 'fio-u-', BASE64_TAIL, 40],
  ['shopify', 'shpit_ shpua_ shpuat_', ALNUM, 20],
  ['square', 'sq0isp- sq0idb-', TOKEN, 22, 'digits'],
  // Messages, people, pages
  ['slack_webhook', 'hooks.slack.com/triggers/', URL_PATH, 16, 'inside'],
  ['teams_webhook', 'webhook.office.com/webhookb2/', URL_PATH, 60, 'inside'],
  ['signed_url', '&sig=', charClass('A-Za-z0-9%_-'), 30, 'inside'],
  ['zapier_webhook', 'hooks.zapier.com/hooks/catch/', URL_PATH, 10, 'inside'],
  ['google_chat', 'chat.googleapis.com/v1/spaces/', URL_PATH, 60, 'inside'],
  ['brevo', 'xkeysib- xsmtpsib-', TOKEN, 60],
  ['resend', 're_', TOKEN, 30, 'digits'],
  ['mailgun', 'pubkey-', HEX, 32],
  ['hubspot', 'pat-na1- pat-na2- pat-na3- pat-eu1- pat-ap1-', HEX_DASH, 32],
  ['intercom', 'dG9rO', BASE64_TAIL, 50],
  ['linkedin', 'WPL_AP1.', DOTTED_TOKEN, 12],
  ['twitter', 'AAAAAAAAAAAAAAAAAAAAA', charClass('A-Za-z0-9%'), 60, 'digits'],
  ['facebook', 'EAA EAAB EAAC EAAM EAAJ', ALNUM, 90, 'digits'],
  ['instagram', 'IGQV IGAA', TOKEN, 80, 'digits'],
  ['twitch', 'oauth:', charClass('a-z0-9'), 30, 'digits'],
  ['contentful', 'CFPAT-', TOKEN, 40],
  ['mapbox', 'sk.eyJ tk.eyJ', DOTTED_TOKEN, 60],
  ['dropbox', 'sl.', DOTTED_TOKEN, 100, 'digits'],
  ['asana', '1/ 2/', charClass('0-9a-f:/'), 46],
  ['clickup', 'pk_', charClass('0-9A-Z_'), 38],
  ['figma', 'figo_ figoh_ figor_', TOKEN, 20],
  ['adafruit', 'aio_', ALNUM, 26],
  ['beamer', 'b_', BASE64_TAIL, 44, 'digits'],
  ['intra42', 's-s4t2ud- s-s4t2af-', HEX, 60],
  ['settlemint', 'sm_aat_ sm_pat_ sm_sat_', ALNUM, 16],
  ['teamwork', 'tkn.v1_', BASE64_TAIL, 40],
  ['harness', 'pat. sat.', DOTTED_TOKEN, 60, 'digits'],
  ['zoho', '1000.', charClass('a-f0-9', '.'), 60],
  ['salesforce', '00D', charClass('A-Za-z0-9_!', '.'), 60, 'digits'],
  // Watching and measuring
  ['honeycomb', 'hcaik_ hcxik_ hcbik_ hcalk_', ALNUM, 30],
  ['newrelic', 'NRII- NRAL- NRRA-', TOKEN, 26],
  ['pganalyze', 'pgar_ pgaw_', ALNUM, 24],
  ['posthog', 'phx_ phs_', ALNUM, 36],
  ['grafana', 'eyJrIjoi', BASE64_TAIL, 40],
  ['sentry', 'sntryi_', BASE64_TAIL, 32],
  ['tines', 'tines_', TOKEN, 30, 'digits'],
  ['defined_networking', 'dnkey-', BASE64_TAIL, 60],
  ['authress', 'sc_ ext_ scauth_ authress_', DOTTED_BASE64, 60, 'digits'],
]

export const VENDOR_TOKENS: readonly TokenKind[] = ROWS.map(
  ([kind, anchors, body, min, marks]) => ({
    kind,
    anchors: anchors.split(' '),
    body,
    min,
    ...(marks === 'inside' ? {} : { boundary: true as const }),
    ...(marks === 'digits' ? { digits: true as const } : {}),
  }),
)
