import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LocalFileOffsetStore } from '../../../../src/core/consumer/offset/local-file-offset-store.ts'
import { readOffsetsFile, writeOffsetsFile } from '../../../../src/core/consumer/offset/offsets-file.ts'
import { StorageError } from '../../../../src/core/errors.ts'
import { temporaryFolder } from '../../../support/mq.ts'

const queue = (queueId: number) => ({ topic: 'orders', brokerName: 'broker-a', queueId })

let folder: ReturnType<typeof temporaryFolder>
let warnings: string[]
beforeEach(() => {
  folder = temporaryFolder()
  warnings = []
})
afterEach(() => folder.remove())

function build(directory = folder.path): LocalFileOffsetStore {
  const logger = { debug: () => undefined, info: () => undefined, warn: (text: string) => warnings.push(text) }
  return new LocalFileOffsetStore({ directory, clientId: '10.0.0.5@DEFAULT', group: 'g', logger })
}

async function loaded(): Promise<LocalFileOffsetStore> {
  const store = build()
  await store.load()
  return store
}

async function persist(store: LocalFileOffsetStore, queueId: number, offset: number): Promise<void> {
  store.update(queue(queueId), offset, { increaseOnly: false })
  await store.persist([queue(queueId)])
}

/** The offsets of queues 0 and 1 as a new start finds them. */
async function found(): Promise<(number | undefined)[]> {
  const store = await loaded()
  return Promise.all([store.readStored(queue(0)), store.readStored(queue(1))])
}

const file = (): string => path.join(folder.path, '10.0.0.5@DEFAULT', 'g', 'offsets.json')
const backup = (): string => `${file()}.bak`
const inFile = (name: string): number[] => readOffsetsFile(readFileSync(name)).map(([, offset]) => offset)
const text = (offset: number): string => writeOffsetsFile([[queue(0), offset]])

function put(contents: { readonly file?: string; readonly backup?: string }): void {
  mkdirSync(path.dirname(file()), { recursive: true })
  if (contents.file !== undefined) writeFileSync(file(), contents.file)
  if (contents.backup !== undefined) writeFileSync(backup(), contents.backup)
}

describe('LocalFileOffsetStore', () => {
  it('knows nothing at first, and after a restart what was persisted, where Java has it', async () => {
    expect(await found()).toEqual([undefined, undefined])
    const store = await loaded()

    await persist(store, 0, 0)
    await persist(store, 1, 7)

    expect(existsSync(file())).toBe(true)
    expect(await found()).toEqual([0, 7])
  })

  it('keeps queues it is not asked to persist, and forgets in memory only', async () => {
    put({ file: writeOffsetsFile([[queue(0), 5]]) })
    const store = await loaded()

    await persist(store, 1, 7)
    store.remove(queue(1))

    expect(store.inMemory(queue(1))).toBeUndefined()
    expect(await store.readStored(queue(1))).toBe(7)
    expect(await found()).toEqual([5, 7])
  })

  it('has in its backup what the file said before', async () => {
    const store = await loaded()
    for (const offset of [1, 2, 3]) await persist(store, 0, offset)

    expect([inFile(file()), inFile(backup())]).toEqual([[3], [2]])
  })

  it('writes nothing when nothing has changed', async () => {
    const store = await loaded()
    await persist(store, 0, 1)
    rmSync(file())

    await persist(store, 0, 1)

    expect(existsSync(file())).toBe(false)
  })

  it('has written what it was asked to whenever a persist resolves, with others under way or not', async () => {
    const store = await loaded()
    for (let offset = 0; offset < 50; offset++) {
      store.update(queue(0), offset, { increaseOnly: true })
      store.persistSoon([queue(0)])
      if (offset % 7 === 0) {
        await store.persist([queue(0)])
        expect(inFile(file())).toEqual([offset])
      }
    }
    await store.persist([])
    expect(inFile(file())).toEqual([49])
  })

  it('takes a lower offset only if told to, and none at all when frozen', async () => {
    const store = await loaded()
    store.update(queue(0), 9, { increaseOnly: true })
    store.update(queue(0), 4, { increaseOnly: true })
    expect(store.inMemory(queue(0))).toBe(9)
    store.updateAndFreeze(queue(0), 3)
    store.update(queue(0), 10, { increaseOnly: true })
    await store.persist([queue(0)])

    expect(await found()).toEqual([3, undefined])
  })
})

describe('a file that is of no use', () => {
  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['was cut off', text(5).slice(0, -3)],
  ])('has its backup take its place when it %s', async (_name, broken) => {
    put({ ...(broken === undefined ? {} : { file: broken }), backup: text(4) })

    expect(await found()).toEqual([4, undefined])
    if (broken !== undefined) expect(warnings).toEqual([expect.stringContaining(`going on from ${backup()}`)])
  })

  it('never takes the place of a backup that is whole', async () => {
    put({ file: 'half a fi', backup: text(4) })
    const store = await loaded()

    await persist(store, 0, 5)
    expect([inFile(file()), inFile(backup())]).toEqual([[5], [4]])
    await persist(store, 0, 6)
    expect([inFile(file()), inFile(backup())]).toEqual([[6], [5]])
  })

  it.each([
    ['when the backup is broken too', { file: 'half a fi', backup: '' }],
    ['when there is no backup', { file: '' }],
    ['when only a broken backup is left', { backup: '{' }],
  ])('ends the start with what to do %s', async (_name, contents) => {
    put(contents)

    const start = build().load()

    await expect(start).rejects.toThrow(StorageError)
    await expect(start).rejects.toThrow(/neither .*offsets\.json nor its backup can be read/)
    // Nothing is tidied away: somebody may be able to mend it.
    expect(existsSync(file())).toBe('file' in contents)
  })
})

describe('a folder that cannot be written', () => {
  it('ends the start', async () => {
    writeFileSync(path.join(folder.path, 'taken'), '')

    await expect(build(path.join(folder.path, 'taken')).load()).rejects.toThrow(/cannot keep offsets in .*ENOTDIR/)
    await expect(build('/proc/mq-offsets').load()).rejects.toThrow(StorageError)
  })

  it('is complained of once while it lasts, loses nothing, and is written when it can be', async () => {
    const store = await loaded()
    await persist(store, 0, 1)
    mkdirSync(`${file()}.tmp`)

    await persist(store, 0, 2)
    await persist(store, 0, 3)
    expect(warnings).toEqual([expect.stringMatching(/^cannot store offsets in .*offsets\.json: EISDIR/)])
    expect(inFile(file())).toEqual([1])

    rmSync(`${file()}.tmp`, { recursive: true })
    await store.persist([])
    expect([inFile(file()), inFile(backup())]).toEqual([[3], [1]])
  })
})
