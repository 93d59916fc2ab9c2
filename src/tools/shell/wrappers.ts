/**
 * Programs that run another program: which options they take, and where the command begins. Data;
 * the few whose shape is their own stand in `unwrap.ts`.
 */
import { names } from './names.ts'
import type { OptionTable } from './options.ts'

export interface Wrapper extends OptionTable {
  /** Operands of its own before the command: the duration of `timeout`. */
  readonly operands?: number
  /** Options after which no command follows: `ionice -p PID`. */
  readonly without?: readonly string[]
  /** Options whose value is shell code. */
  readonly code?: readonly string[]
}

const HELP = ['help', 'version']

export const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>(
  Object.entries({
    nohup: { long: HELP },
    setsid: { flags: 'cfwhV', long: ['ctty', 'fork', 'wait', ...HELP] },
    nice: { values: 'n', isNumeric: true, long: ['adjustment=', ...HELP] },
    ionice: {
      flags: 'thV',
      values: 'cnpPu',
      long: ['class=', 'classdata=', 'pid=', 'pgid=', 'uid=', 'ignore', ...HELP],
      without: ['p', 'P', 'u', 'pid', 'pgid', 'uid'],
    },
    timeout: {
      flags: 'vfp',
      values: 'ks',
      long: ['kill-after=', 'signal=', 'foreground', 'preserve-status', 'verbose', ...HELP],
      operands: 1,
    },
    stdbuf: { values: 'ioe', long: ['input=', 'output=', 'error=', ...HELP] },
    chrt: {
      flags: 'abdfimoprRvhVG',
      values: 'TPD',
      long: [
        'all-tasks',
        'batch',
        'deadline',
        'fifo',
        'idle',
        'max',
        'other',
        'pid',
        'rr',
        ...HELP,
      ],
      operands: 1,
      without: ['p', 'm', 'pid', 'max'],
    },
    taskset: {
      flags: 'acphV',
      long: ['all-tasks', 'cpu-list', 'pid', ...HELP],
      operands: 1,
      without: ['p', 'pid'],
    },
    prlimit: {
      values: 'p',
      optional: 'cdefilmnqrstuvxy',
      flags: 'hV',
      long: [
        'pid=',
        'as?',
        'core?',
        'cpu?',
        'data?',
        'fsize?',
        'nofile?',
        'nproc?',
        'stack?',
        ...HELP,
      ],
      without: ['p', 'pid'],
    },
    choom: { values: 'pn', flags: 'hV', long: ['adjust=', 'pid=', ...HELP], without: ['p', 'pid'] },
    setarch: {
      flags: 'BFILRSTXZhv3',
      long: ['32bit', 'addr-no-randomize', 'list', 'uname-2.6', 'verbose', ...HELP],
      operands: 1,
    },
    linux32: { flags: 'BFILRSTXZhv3', long: ['32bit', 'addr-no-randomize', 'uname-2.6', ...HELP] },
    uclampset: { flags: 'asRhV', values: 'mMp', long: HELP, without: ['p'] },
    setpriv: {
      flags: 'hV',
      long: [
        ...names('clear-groups keep-groups init-groups no-new-privs reset-env dump'),
        ...names('groups= inh-caps= ambient-caps= bounding-set= ruid= euid= rgid='),
        ...names('egid= reuid= regid= securebits= pdeathsig= selinux-label='),
        'apparmor-profile=',
        ...HELP,
      ],
    },
    runcon: {
      flags: 'c',
      values: 'turl',
      long: ['compute', 'type=', 'user=', 'role=', 'range=', ...HELP],
    },
    chronic: { flags: 've' },
    ifne: { flags: 'n' },
    unbuffer: { flags: 'p' },
    eatmydata: { long: HELP },
    fakeroot: {
      flags: 'hvu',
      values: 'lisbf',
      long: ['lib=', 'faked=', 'unknown-is-real', ...HELP],
    },
    faketime: { flags: 'mp', values: 'f', long: ['exclude-monotonic', ...HELP], operands: 1 },
    xvfb: { flags: 'alh', values: 'efnpsw', long: ['auto-servernum', 'server-args=', ...HELP] },
    torsocks: { flags: 'i', long: HELP },
    proxychains: { flags: 'q', values: 'f' },
    catchsegv: {},
    cgexec: { values: 'g', long: ['sticky'] },
    numactl: {
      flags: 'sHl',
      values: 'imNCp',
      long: ['interleave=', 'membind=', 'cpunodebind=', 'physcpubind=', 'localalloc', 'hardware'],
    },
    ltrace: { flags: 'fciLrStTV', values: 'aAeFlnopsuwx', long: HELP },
    strace: {
      flags: 'cCdfhikqrtTvVwxyzZDF',
      values: 'aeEIoOpPsSubX',
      long: ['follow-forks', 'output-separately', 'output=', 'trace=', ...HELP],
      without: ['p'],
    },
    time: {
      flags: 'apqvV',
      values: 'fo',
      long: ['append', 'format=', 'output=', 'portability', 'quiet', 'verbose', ...HELP],
    },
    'systemd-run': {
      flags: 'GPStqrhd',
      values: 'pEHM',
      long: [
        ...names('scope user system pty pipe shell wait collect quiet no-block'),
        ...names('remain-after-exit send-sighup same-dir no-ask-password unit= slice='),
        ...names('description= property= uid= gid= nice= working-directory= setenv='),
        ...names('on-active= on-boot= on-startup= on-unit-active= on-calendar= machine='),
        ...names('timer-property= service-type='),
        ...HELP,
      ],
    },
    'systemd-inhibit': {
      flags: 'h',
      long: ['what=', 'who=', 'why=', 'mode=', 'list', 'no-pager', 'no-legend', ...HELP],
    },
    sudo: {
      flags: 'ABbEeHiKklnNPSsVv',
      values: 'aCcDgpRrTtUhu',
      long: [
        ...names('askpass background preserve-env? edit set-home login list shell'),
        ...names('non-interactive stdin validate user= group= chdir= prompt= host='),
        ...HELP,
      ],
    },
    doas: { flags: 'Lns', values: 'aCu' },
    pkexec: { long: ['user=', 'disable-internal-agent', 'keep-cwd', ...HELP] },
    chroot: { long: ['groups=', 'userspec=', 'skip-chdir', ...HELP], operands: 1 },
    unshare: {
      flags: 'imnpuUCTrcfhV',
      optional: 'S',
      values: 'RwG',
      long: [
        ...names('mount? uts? ipc? net? pid? user? cgroup? time? fork root='),
        ...names('map-root-user map-current-user map-auto mount-proc? kill-child? wd='),
        ...HELP,
      ],
    },
    nsenter: {
      flags: 'aFZe',
      values: 'tSG',
      optional: 'muinpUCTrw',
      long: [
        ...names('all target= mount? uts? ipc? net? pid? user? cgroup? time?'),
        ...names('root? wd? no-fork setuid= setgid= preserve-credentials'),
        ...HELP,
      ],
    },
    runuser: {
      flags: 'flmpP',
      values: 'cgGsuw',
      long: ['command=', 'fast', 'login', 'user=', 'group=', 'shell=', 'pty', ...HELP],
      code: ['c', 'command'],
    },
  } satisfies Record<string, Wrapper>),
)

/** Other names of the same programs. */
export const WRAPPER_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    linux64: 'linux32',
    i386: 'linux32',
    i486: 'linux32',
    i586: 'linux32',
    i686: 'linux32',
    x86_64: 'linux32',
    uname26: 'linux32',
    'xvfb-run': 'xvfb',
    torify: 'torsocks',
    proxychains4: 'proxychains',
    gtimeout: 'timeout',
    gnice: 'nice',
    gnohup: 'nohup',
    gstdbuf: 'stdbuf',
    'fakeroot-sysv': 'fakeroot',
    'fakeroot-tcp': 'fakeroot',
    'sudo-rs': 'sudo',
  }),
)
