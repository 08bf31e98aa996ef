// An embedded broker in a process of its own, to be killed: prints its address when it serves.
import { parseArgs } from 'node:util'
import { EmbeddedBroker } from '../../../src/core/broker/index.ts'
import { silentLogger, systemClock } from '../../../src/core/support/index.ts'

const { values } = parseArgs({
  options: { 'data-dir': { type: 'string', default: '' }, port: { type: 'string', default: '0' } },
})

const broker = await EmbeddedBroker.start({
  clock: systemClock,
  logger: silentLogger,
  port: Number(values.port),
  store: { kind: 'lmdb', dataDir: values['data-dir'] },
  delayLevels: '1s 1s 1s 1s 1s 1s',
})
console.log(`serving ${broker.address}`)
