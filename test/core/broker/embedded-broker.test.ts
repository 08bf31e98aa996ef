import { readdirSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../../src/core/broker/index.ts'
import { ListenError, StorageError, UsageError } from '../../../src/core/errors.ts'
import { RemotingClient, splitAddress, tcpConnect } from '../../../src/core/remoting/index.ts'
import { silentLogger, systemClock } from '../../../src/core/support/index.ts'
import { temporaryDirectory } from './store/temporary-directory.ts'
import { startTestBroker } from './test-broker.ts'

const settings = { clock: systemClock, logger: silentLogger, port: 0 }

function onDisk(dataDir: string): EmbeddedBrokerOptions {
  return { ...settings, store: { kind: 'lmdb', dataDir } }
}

describe('EmbeddedBroker', () => {
  it('is name server and broker on one port, at the address its routes name', async () => {
    const broker = await EmbeddedBroker.start({ ...settings, store: { kind: 'memory' } })
    const client = new RemotingClient({ connect: tcpConnect(), clock: systemClock })

    const { body } = await client.invoke(broker.address, 'getRouteInfoByTopic', { topic: 'TBW102' })
    const named = body.brokerDatas[0]?.brokerAddrs.get(0) ?? ''
    const info = await client.invoke(named, 'getBrokerRuntimeInfo', {})

    expect(named).toBe(broker.address)
    expect(info.body.table.get('brokerActive')).toBe('true')
    client.close()
    await broker.close()
  })

  it('names a port in use, and lets go of its directory', async () => {
    const dataDir = temporaryDirectory()
    const first = await EmbeddedBroker.start({ ...settings, store: { kind: 'memory' } })
    const { port } = splitAddress(first.address)!

    const second = EmbeddedBroker.start({ ...onDisk(dataDir), port })

    await expect(second).rejects.toThrow(ListenError)
    await expect(second).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`)
    const third = await EmbeddedBroker.start(onDisk(dataDir))
    await Promise.all([first.close(), third.close()])
  })

  it('refuses delay levels that are none, and lets go of its directory', async () => {
    const dataDir = temporaryDirectory()

    const refused = EmbeddedBroker.start({ ...onDisk(dataDir), delayLevels: '1s soon' })

    await expect(refused).rejects.toThrow(UsageError)
    await expect(refused).rejects.toThrow("'soon' is not a delay level")
    await (await EmbeddedBroker.start(onDisk(dataDir))).close()
  })

  it.each([
    ['something else', Buffer.alloc(65_536, 'not a store')],
    ['zeros', Buffer.alloc(65_536)],
    ['nine bytes', Buffer.alloc(9, 1)],
  ])('refuses a store of %s, says so, and lets go of its directory', async (_what, content) => {
    const dataDir = temporaryDirectory()
    await (await EmbeddedBroker.start(onDisk(dataDir))).close()
    writeFileSync(path.join(dataDir, 'store.mdb'), content)

    const refused = EmbeddedBroker.start(onDisk(dataDir))

    await expect(refused).rejects.toThrow(StorageError)
    await expect(refused).rejects.toThrow('store.mdb is damaged: it has no valid header')
    expect(readdirSync(dataDir)).not.toContain('lock')
  })

  it('refuses a store that was cut off', async () => {
    const dataDir = temporaryDirectory()
    await (await EmbeddedBroker.start(onDisk(dataDir))).close()
    truncateSync(path.join(dataDir, 'store.mdb'), 9000)

    await expect(EmbeddedBroker.start(onDisk(dataDir))).rejects.toThrow('was cut off after 9000 bytes')
  })

  it('may be closed twice, and frees its port and its directory', async () => {
    const dataDir = temporaryDirectory()
    const broker = await EmbeddedBroker.start(onDisk(dataDir))
    const { port } = splitAddress(broker.address)!

    await Promise.all([broker.close(), broker.close()])

    const again = await EmbeddedBroker.start({ ...onDisk(dataDir), port })
    expect(again.address).toBe(broker.address)
    await again.close()
  })

  it('finishes what it has begun before it closes, and leaves no timer behind', async () => {
    const { broker, client, clock } = await startTestBroker()
    await client.send('orders', 'a')
    const held = expect(client.pull('orders', { offset: 1, sysFlag: 6 })).rejects.toThrow('closed the connection')
    await client.send('orders', 'late', { properties: { DELAY: '18' } })

    await broker.close()
    await held
    client.close()

    expect(clock.pending).toBe(0)
  })

  it('advertises the address it is told to, and loopback when it listens everywhere', async () => {
    const everywhere = await EmbeddedBroker.start({ ...settings, host: '0.0.0.0', store: { kind: 'memory' } })
    const told = await EmbeddedBroker.start({ ...settings, advertisedHost: 'broker.test', store: { kind: 'memory' } })

    expect(everywhere.address).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(told.address).toMatch(/^broker\.test:\d+$/)
    await Promise.all([everywhere.close(), told.close()])
  })
})
