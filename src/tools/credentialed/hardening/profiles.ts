/**
 * Which profile a binary has, by the base name of the path that really runs. Every program gets the
 * common part; one without a profile of its own is known to nobody here, and whoever registers it
 * answers for what it reads in its folder.
 */
import { withoutVersion } from '../../shell/names.ts'
import { matchesArguments } from '../argument-pattern.ts'
import { GIT } from './git.ts'
import { checkGitFiles } from './git-config.ts'
import { GIT_PINS } from './git-pins.ts'
import { type Hardening, RUNS_OTHERS } from './profile.ts'

const NOTHING = '/bin/false'

/** Pagers, editors and browsers are other programs, started with the same environment. */
const COMMON: Readonly<Record<string, string>> = {
  ...GIT_PINS,
  PAGER: 'cat',
  EDITOR: NOTHING,
  VISUAL: NOTHING,
  BROWSER: NOTHING,
  SSH_ASKPASS: NOTHING,
}

const denying =
  (...patterns: readonly string[]) =>
  (args: readonly string[]): string | null =>
    patterns.some((pattern) => matchesArguments(args, pattern)) ? RUNS_OTHERS : null

const denyingForGh = denying(
  'alias',
  'extension*',
  'ext',
  'auth',
  'config',
  'codespace',
  'cs',
  'copilot',
  '-w',
  '--web',
)

function checkGhArgs(args: readonly string[]): string | null {
  // What stands behind it goes to git as it is: `repo clone x -- -c filter.y.smudge=…`.
  if (args.includes('--')) return RUNS_OTHERS
  // A filter can read the environment, and write it in any form that no scrubber knows.
  const filters = ['--jq', '-q'].some((option) => matchesArguments(args, option))
  if (filters && args.some((arg) => /\benv\b/i.test(arg))) {
    return 'a filter cannot read the environment beside a credential'
  }
  return denyingForGh(args)
}

const GH: Hardening = {
  port: null,
  env: {
    GH_CONFIG_DIR: '/tmp/.config/gh',
    GH_PAGER: 'cat',
    GH_EDITOR: NOTHING,
    GH_BROWSER: NOTHING,
    GH_PROMPT_DISABLED: '1',
    GH_NO_UPDATE_NOTIFIER: '1',
    GH_SPINNER_DISABLED: '1',
    GH_PATH: NOTHING,
  },
  // gh asks git about the folder it stands in.
  checkArgs: checkGhArgs,
  checkFiles: checkGitFiles,
}

const denyingForAws = denying(
  'configure',
  'emr',
  'codeartifact login',
  'ssm start-session',
  'ecs execute-command',
  'ec2-instance-connect',
  'opsworks register',
  'deploy install',
  'deploy uninstall',
)

/** A file that an argument names is looked for once variables are filled in. */
const FILE_OF_VARIABLE = /^(?:--[\w-]+=)?fileb?:\/\/.*\$/s

const AWS: Hardening = {
  port: null,
  env: {
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_DATA_PATH: '/dev/null',
    AWS_PAGER: '',
    AWS_CLI_AUTO_PROMPT: 'off',
    AWS_CLI_HISTORY_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  },
  checkArgs: (args) =>
    args.some((arg) => FILE_OF_VARIABLE.test(arg)) ? RUNS_OTHERS : denyingForAws(args),
  checkFiles: null,
}

const GCLOUD: Hardening = {
  port: null,
  env: {
    CLOUDSDK_CONFIG: '/tmp/.config/gcloud',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
    CLOUDSDK_PYTHON_SITEPACKAGES: '0',
    BOTO_CONFIG: '/dev/null',
  },
  checkArgs: denying(
    'auth',
    'config',
    'components',
    'interactive',
    'ssh',
    'scp',
    'start-iap-tunnel',
    'connect-to-serial-port',
    'sql connect',
    'emulators',
    'docker',
    '--flags-file',
    '--flagfile',
    '--bigqueryrc',
    '--configuration',
  ),
  checkFiles: null,
}

/** Its credential is a file with exec plugins in it, so that there is none but the empty one. */
const KUBECTL: Hardening = {
  port: null,
  env: { KUBECONFIG: '/dev/null', KUBE_EDITOR: NOTHING, KUBECTL_EXTERNAL_DIFF: 'diff' },
  checkArgs: denying(
    '--kubeconfig',
    'config',
    'plugin',
    'edit',
    'kustomize',
    '-k',
    '--kustomize',
    'proxy',
    '--enable-exec',
    '--enable-helm',
    '--helm-command',
  ),
  checkFiles: null,
}

const PSQL: Hardening = {
  port: 5_432,
  env: {
    // The runner's way to its host, whose name is still the one that the certificate must have.
    PGHOSTADDR: '127.0.0.1',
    PSQLRC: '/dev/null',
    PSQL_HISTORY: '/dev/null',
    PSQL_PAGER: 'cat',
    PSQL_EDITOR: NOTHING,
    PGPASSFILE: '/dev/null',
    PGSERVICEFILE: '/dev/null',
    PGSYSCONFDIR: '/dev/null',
  },
  checkArgs: (args) =>
    // A backslash is a command of psql itself (`\!` is a shell), and a file may hold any.
    args.some((arg) => arg.includes('\\') || /^-[A-Za-z0-9?]*[foLv]|^--(?:f|o|lo|se|v)/.test(arg))
      ? RUNS_OTHERS
      : null,
  checkFiles: null,
}

const NPM_SUBCOMMANDS = new Set(
  `
  access deprecate dist-tag info org outdated owner ping publish search show star team token
  unpublish unstar view whoami --version
`.match(/\S+/g),
)

/**
 * All that may be given. Options stand over the pins, and npm takes any beginning of one, any case
 * and any number of `no-`: a list of harmful ones would always lack a spelling.
 */
const NPM_OPTIONS =
  /^(?:--(?:access|depth|dry-run|json|long|otp|parseable|tag|version|workspace|workspaces)(?:=|$)|-[lw]$)/

const NPM: Hardening = {
  port: null,
  env: {
    NPM_CONFIG_USERCONFIG: '/dev/null',
    NPM_CONFIG_GLOBALCONFIG: '/dev/null',
    NPM_CONFIG_IGNORE_SCRIPTS: 'true',
    NPM_CONFIG_SCRIPT_SHELL: NOTHING,
    NPM_CONFIG_GIT: NOTHING,
    NPM_CONFIG_EDITOR: NOTHING,
    NPM_CONFIG_VIEWER: NOTHING,
    NPM_CONFIG_BROWSER: 'false',
    NPM_CONFIG_NODE_OPTIONS: '',
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    NPM_CONFIG_CACHE: '/tmp/.npm',
  },
  checkArgs: (args) => {
    const isListed = NPM_SUBCOMMANDS.has(args[0] ?? '--version')
    const isHarmless = (arg: string): boolean =>
      // A value may name a variable of the environment.
      !arg.includes('${') && (!arg.startsWith('-') || NPM_OPTIONS.test(arg))
    return isListed && args.every(isHarmless) ? null : RUNS_OTHERS
  },
  checkFiles: async ({ paths }) => {
    const found = paths.find((path) => /(?:^|\/)\.npmrc$/.test(path))
    return found === undefined
      ? null
      : `${found} would configure npm beside its credential; remove the file`
  },
}

const GENERIC: Hardening = { port: null, env: {}, checkArgs: () => null, checkFiles: null }

const PROFILES: ReadonlyMap<string, Hardening> = new Map(
  Object.entries({
    git: GIT,
    gh: GH,
    aws: AWS,
    gcloud: GCLOUD,
    gsutil: GCLOUD,
    bq: GCLOUD,
    kubectl: KUBECTL,
    psql: PSQL,
    npm: NPM,
  }),
)

export function hardeningOf(absolutePath: string): Hardening {
  const name = absolutePath.slice(absolutePath.lastIndexOf('/') + 1)
  const profile = PROFILES.get(name) ?? PROFILES.get(withoutVersion(name)) ?? GENERIC
  return { ...profile, env: { ...COMMON, ...profile.env } }
}
