/** Finds out whether a port can be listened on, before anything depends on it. */
import { createServer } from 'node:net'
import { CliFailure } from '../failure.ts'

/** @param port 0 asks for any free one. @returns the port, free a moment ago. */
export function claimPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? `port ${port} is already in use; choose another with --port N (0 = any free one)`
          : error.code === 'EACCES'
            ? `port ${port} may not be used by this user; choose one above 1023 with --port N`
            : `cannot listen on ${host}: ${error.message}`
      reject(new CliFailure(reason))
    })
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address()
      const claimed = typeof address === 'object' && address !== null ? address.port : port
      server.close(() => resolve(claimed))
    })
  })
}
