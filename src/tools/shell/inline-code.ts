/**
 * Code in other languages that is given on the command line. It is not parsed: what spawns,
 * deletes, connects, dumps the environment or makes code at run time is found by its words.
 */
import type { ShellDenyGroup } from '../../domain/config/tool-policy.ts'

export type Language = 'python' | 'perl' | 'ruby' | 'node' | 'php' | 'lua' | 'other'

const SPAWNS: Readonly<Record<Language, RegExp>> = {
  python:
    /\b(?:subprocess|popen\w*|Popen|pexpect|pty|posix_spawn\w*|spawn[lv]\w*|exec[lv]\w*|startfile|getoutput|getstatusoutput|ctypes|cffi|runpy|InteractiveConsole|InteractiveInterpreter|multiprocessing|create_subprocess\w*|breakpoint|pdb|webbrowser|forkpty|fork)\b|\bsystem\b|\bimport\s+(?:code|sh|plumbum)\b/,
  perl: /\b(?:system|exec|fork|syscall|qx|readpipe|IPC|POSIX|Expect)\b|`|\bopen\b[^;]{0,200}\||-\||\|-|\bdo\s*["'/]/,
  ruby: /\b(?:system|exec|spawn|fork|popen\w*|Open3|PTY|syscall|Fiddle|Kernel|Process)\b|`|%x|\bopen\s*\(?\s*["']\|/,
  node: /\b(?:child_process|spawn\w*|exec\w*Sync|execFile|fork|dlopen|worker_threads|cluster|mainModule|Deno|Bun)\b|process\s*(?:\.|\[)\s*["']?binding/,
  php: /\b(?:system|exec|passthru|shell_exec|popen|proc_open|pcntl_\w+|mail|dl|expect_popen|FFI)\b|`/,
  lua: /\bos\s*\.\s*execute\b|\bio\s*\.\s*popen\b|\bexecute\b|\bpopen\b|\bloadlib\b/,
  other:
    /\b(?:system|exec\w*|spawn\w*|popen\w*|Runtime|ProcessBuilder|Process|shell\w*|subprocess|run-shell-command|open-process|os:cmd|callProcess)\b|`|\bqx\b/i,
}

/** Code made of text, names made of text, modules named by text. */
const MAKES_CODE: Readonly<Record<Language, RegExp>> = {
  python:
    /(?<![.\w])(?:exec|eval|execfile|getattr|setattr)\b|(?<![.\w])(?:compile|globals|locals|vars)\s*\(|__(?!(?:name|main|file|version|doc|init|all|future)__)[a-z]{1,20}__|\b(?:importlib|__builtins__|builtins|__subclasses__|__globals__|__getattribute__|marshal|pickle|__import__)\b|=\s*(?:__import__|eval|exec)\b/,
  perl: /\beval\b|&\s*(?:\{|\$)|->\s*\(|\/[a-z]{0,8}ee[a-z]{0,8}\b|\}[a-z]{0,8}ee[a-z]{0,8}\b|\*\{/,
  ruby: /\b(?:eval|instance_eval|class_eval|module_eval|instance_exec|__send__|public_send|send|const_get|load|binding|method)\b/,
  node: /\beval\b|\bFunction\b|\bimport\s*\(|\bconstructor\b|\bglobalThis\s*\[|\bglobal\s*\[|\brequire\s*\(\s*[^'"\s]|['"]\s*\+\s*['"]\s*\)|\bvm\b|\bReflect\b|\batob\b/,
  php: /\b(?:eval|assert|create_function|call_user_func\w*|base64_decode|array_map|array_filter|usort|preg_replace_callback|ReflectionFunction|include|require\w*)\b|\$\w+\s*\(|\}\s*\(/,
  lua: /\b(?:loadstring|load|dofile|loadfile|require|package|debug|getfenv|setfenv|_G|_ENV)\b/,
  other: /\b(?:eval|parse\(text|load-string)\b/i,
}

const DELETES: Readonly<Record<Language, RegExp>> = {
  python: /\b(?:rmtree|unlink\w*|rmdir|removedirs|send2trash)\b/,
  perl: /\b(?:unlink|rmdir|rmtree|remove_tree)\b/,
  ruby: /\b(?:rm|rm_r|rm_f|rm_rf|rmtree|remove_\w+|unlink|rmdir|FileUtils)\b/,
  node: /\b(?:unlink\w*|rm|rmSync|rmdir\w*|rimraf|remove|removeSync|emptyDir\w*)\b/,
  php: /\b(?:unlink|rmdir)\b/,
  lua: /\bos\s*\.\s*remove\b|\bremove\b|\brmdir\b/,
  other:
    /\b(?:unlink\w*|rmdir\w*|rmtree|delete-file|delete-directory|file\s+delete|deleteFile|removeFile|removeDirectory\w*)\b/i,
}

/** Harmless as a list's or hash's method, so only beside the module that deletes files. */
const DELETES_WITH: Readonly<Partial<Record<Language, readonly [RegExp, RegExp]>>> = {
  python: [/\bremove\b/, /\b(?:os|posix|nt)\b/],
  ruby: [/\bdelete\b/, /\b(?:File|Dir|Pathname|IO)\b/],
}

const CONNECTS =
  /\b(?:socket\w*|Socket\w*|urllib\w*|urlopen|httplib\w*|requests|httpx|aiohttp|smtplib|ftplib|telnetlib|poplib|imaplib|paramiko|xmlrpc\w*|open_connection|start_server|TCPSocket|TCPServer|UDPSocket|UNIXSocket|open-uri|fsockopen|pfsockopen|stream_socket\w*|curl_\w+|XMLHttpRequest|WebSocket|LWP|Net::\w+|IO::Socket|HTTP::\w+|http\.(?:client|server)|java\.net|gethostbyname\w*|getaddrinfo|asyncore)\b|['"](?:node:)?(?:net|https?|http2|dgram|tls|dns)['"]|\/inet[46]?\/|\bfetch\s*\(/

const DUMPS: Readonly<Record<Language, RegExp>> = {
  python: /\benvironb?\b(?!\s*(?:\[|\.\s*(?:get|setdefault)\b))/,
  perl: /%(?:main::)?\{?ENV\b|%\$?ENV\b/,
  ruby: /\bENV\b(?!\s*(?:\[|\.\s*fetch))/,
  node: /\bprocess\s*\.\s*env\b(?!\s*(?:\.|\[))|\bprocess\s*\[/,
  php: /\$_ENV\b(?!\s*\[)|\bgetenv\s*\(\s*\)|\bphpinfo\b|\$_SERVER\b(?!\s*\[)/,
  lua: /\bgetenv\s*\(\s*\)/,
  other: /\b(?:getenv|environ|Sys\.getenv|getEnvironment|ENV)\s*(?:\(\s*\)|\b(?!\s*[[(]))/,
}

/** Names put together from pieces of text: `'sys' + 'tem'`. */
const JOINS_TEXT = /\w["']\s{0,8}[+.]\s{0,8}["']\w/

/** Whether a module that is loaded by name is one for connections. */
export const isConnecting = (module: string): boolean => CONNECTS.test(`'${module}'`)

const ESCALATES = /\b(?:posix_)?set(?:e|re|res)?[ug]id\b/i
const KILLS = /\bkill(?:pg)?\b[^\n]{0,80}(?:\b9\b|\b(?:SIG)?KILL\b)/
const INSTALLS = /\bpip\b[^\n]{0,80}\bmain\b|\bensurepip\b/
/** A start-up file, and something that opens for writing. */
const STARTS =
  /\.(?:bashrc|bash_profile|bash_login|profile|zshrc)\b|\bauthorized_keys|\/etc\/(?:cron|profile|rc\.|init\.d|systemd)/
const WRITES = /['"](?:[wax]b?t?\+?|r\+)['"]|>>?\s*\/|write|append/i

/** The groups that a piece of code falls under. Python reads look-alike letters as their plain form. */
export function groupsOfCode(language: Language, text: string): readonly ShellDenyGroup[] {
  const code = text.normalize('NFKC')
  const groups: ShellDenyGroup[] = []
  if (CONNECTS.test(code)) groups.push('reverse_shell')
  if (SPAWNS[language].test(code) || MAKES_CODE[language].test(code) || JOINS_TEXT.test(code)) {
    groups.push('code_injection')
  }
  if (deletes(language, code)) groups.push('destructive_ops')
  if (DUMPS[language].test(code)) groups.push('env_dump')
  if (ESCALATES.test(code)) groups.push('privilege_escalation')
  if (KILLS.test(code)) groups.push('process_control')
  if (INSTALLS.test(code)) groups.push('package_install')
  if (STARTS.test(code) && WRITES.test(code)) groups.push('persistence')
  return groups
}

function deletes(language: Language, code: string): boolean {
  const pair = DELETES_WITH[language]
  return DELETES[language].test(code) || (pair?.every((part) => part.test(code)) ?? false)
}
