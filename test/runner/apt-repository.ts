/** Debian packages whose maintainer means harm, and the repository that offers them; built in memory. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'

export interface HostilePackage {
  readonly name: string
  readonly version: string
  /** Runs as root when it is installed. */
  readonly postinst: string
}

/** A compressed archive of files that may be run. */
export async function tarOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack()
  for (const [name, text] of Object.entries(files)) archive.entry({ name, mode: 0o755 }, text)
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk)
  return gzipSync(Buffer.concat(chunks))
}

/** One member of an `ar` archive, as deb(5) has it. */
function member(name: string, content: Buffer): Buffer {
  const head = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`
  return Buffer.concat([
    Buffer.from(head),
    content,
    Buffer.from(content.length % 2 === 1 ? '\n' : ''),
  ])
}

/** Path → content of a flat repository (`deb [trusted=yes] URL ./`). */
export async function aptRepository(
  packages: readonly HostilePackage[],
): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const index: string[] = []
  for (const { name, version, postinst } of packages) {
    const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: harm\n`
    const deb = Buffer.concat([
      Buffer.from('!<arch>\n'),
      member('debian-binary', Buffer.from('2.0\n')),
      member(
        'control.tar.gz',
        await tarOf({ './control': control, './postinst': `#!/bin/bash\n${postinst}\n` }),
      ),
      member('data.tar.gz', await tarOf({ [`./opt/${name}`]: 'installed\n' })),
    ])
    const file = `${name}_${version}_all.deb`
    files.set(`/${file}`, deb)
    const sha256 = createHash('sha256').update(deb).digest('hex')
    index.push(`${control}Filename: ./${file}\nSize: ${deb.length}\nSHA256: ${sha256}\n`)
  }
  files.set('/Packages', Buffer.from(index.join('\n')))
  return files
}
