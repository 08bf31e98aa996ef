// A broker in a process of its own, for tests that kill it. Arguments: data directory [delay levels].
import { EmbeddedBroker } from '../../../../src/core/broker/index.ts'
import { systemClock } from '../../../../src/core/support/index.ts'

const [dataDir = '', delayLevels] = process.argv.slice(2)
const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

try {
  const broker = await EmbeddedBroker.start({
    clock: systemClock,
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    port: 0,
    store: { kind: 'lmdb', dataDir },
    delayLevels,
    onFatal: ({ message }) => {
      say({ fatal: message })
      process.exitCode = 3
      void broker.close().then(() => {
        say({ closed: true })
      })
    },
  })
  process.once('SIGTERM', () => {
    void broker.close()
  })
  say({ address: broker.address })
} catch (error) {
  say({ refused: (error as Error).message })
  process.exitCode = 1
}
