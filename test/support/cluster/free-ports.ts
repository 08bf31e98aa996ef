import net from 'node:net'
import type { Ports } from './settings.ts'

/** Free ports for a name server and a broker, below those the system hands out itself. */
export async function freePorts(): Promise<Ports> {
  for (;;) {
    const port = 20_000 + 4 * Math.floor(Math.random() * 3000)
    const wanted = [port, port + 1, port + 2, port + 3]
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return { brokerPort: port + 2, namesrvPort: port + 1 }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => {
      resolve(false)
    })
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true)
      })
    })
  })
}
