import { access, constants, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { StorageError } from '../../errors.ts'
import { type MessageQueue, queueKey } from '../../protocol/index.ts'
import type { Logger } from '../../support/index.ts'
import type { OffsetStore, PersistObserver } from './offset-store.ts'
import { OffsetTable } from './offset-table.ts'
import { type QueueOffset, readOffsetsFile, writeOffsetsFile } from './offsets-file.ts'

interface Options {
  /** Where offsets of broadcasting consumers are kept; the file lies below it as Java's does. */
  readonly directory: string
  readonly clientId: string
  readonly group: string
  readonly logger: Logger
  readonly observer?: PersistObserver | undefined
}

/** A file that was read: what it says, or why it says nothing. */
type Found =
  | { readonly state: 'READ'; readonly offsets: readonly QueueOffset[] }
  | { readonly state: 'MISSING' }
  | { readonly state: 'BROKEN'; readonly cause: unknown }

/**
 * Keeps a broadcasting consumer's progress in a file of its host, in the format and layout of Java clients
 * (`LocalFileOffsetStore.java`): `<directory>/<client id>/<group>/offsets.json`. Unlike Java's it is replaced whole, so
 * that neither a crash nor a full disk leaves half a file behind.
 */
export class LocalFileOffsetStore implements OffsetStore {
  readonly file: string
  readonly #logger: Logger
  readonly #observer: PersistObserver | undefined
  readonly #table = new OffsetTable()
  /** What the file says, or is to say with the next write; queues that are not consumed now included. */
  readonly #stored = new Map<string, QueueOffset>()
  /** What lies in the place of the file is whole, and may become the backup. */
  #whole = false
  #dirty = false
  #writing: Promise<void> | undefined
  #complaint: string | undefined

  constructor({ directory, clientId, group, logger, observer }: Options) {
    this.file = path.join(directory, clientId, group, 'offsets.json')
    this.#logger = logger
    this.#observer = observer
  }

  /**
   * Reads the file, or its backup when there is none or it is broken. Rejects with StorageError when both are of no
   * use, since starting anew would skip messages or repeat them, and when the folder cannot be written.
   */
  async load(): Promise<void> {
    await this.#checkFolder()
    const found = await read(this.file)
    this.#whole = found.state === 'READ'
    const offsets = found.state === 'READ' ? found.offsets : await this.#backup(found)
    for (const entry of offsets) this.#stored.set(queueKey(entry[0]), entry)
  }

  inMemory(queue: MessageQueue): number | undefined {
    return this.#table.get(queue)
  }

  readStored(queue: MessageQueue): Promise<number | undefined> {
    return Promise.resolve(this.#stored.get(queueKey(queue))?.[1])
  }

  update(queue: MessageQueue, offset: number, options: { readonly increaseOnly: boolean }): void {
    this.#table.update(queue, offset, options.increaseOnly)
  }

  updateAndFreeze(queue: MessageQueue, offset: number): void {
    this.#table.freeze(queue, offset)
  }

  /** A write under way takes what comes meanwhile along, so any number of calls costs few writes. */
  persist(queues: readonly MessageQueue[]): Promise<void> {
    for (const queue of queues) {
      const offset = this.#table.get(queue)
      if (offset === undefined || this.#stored.get(queueKey(queue))?.[1] === offset) continue
      this.#stored.set(queueKey(queue), [queue, offset])
      this.#dirty = true
    }
    if (!this.#dirty) return this.#writing ?? Promise.resolve()
    this.#writing ??= this.#write()
    return this.#writing
  }

  /** As {@link persist}, but rejects with StorageError when it could not be written. */
  async commit(queues: readonly MessageQueue[]): Promise<void> {
    await this.persist(queues)
    if (this.#dirty) throw new StorageError(`cannot store offsets in ${this.file}: ${this.#complaint ?? 'unknown'}`)
  }

  persistSoon(queues: readonly MessageQueue[]): void {
    void this.persist(queues)
  }

  remove(queue: MessageQueue): void {
    this.#table.remove(queue)
  }

  /** Never rejects: what could not be written is written with the next persist, or its messages come again. */
  async #write(): Promise<void> {
    const startedAt = this.#observer?.monotonic() ?? 0
    try {
      while (this.#dirty) {
        this.#dirty = false
        await this.#replace(writeOffsetsFile(this.#stored.values()))
        this.#complaint = undefined
      }
    } catch (error) {
      this.#dirty = true
      this.#complain(reasonOf(error))
    } finally {
      this.#writing = undefined
      const queues = this.#stored.size
      const millis = (this.#observer?.monotonic() ?? 0) - startedAt
      this.#observer?.persisted({ queues, failed: this.#dirty ? queues : 0, millis })
    }
  }

  async #replace(text: string): Promise<void> {
    const next = `${this.file}.tmp`
    const handle = await open(next, 'w')
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    // Between the two steps there is no file, and the backup counts. A broken file must not take a whole backup's place.
    if (this.#whole) await rename(this.file, `${this.file}.bak`)
    this.#whole = false
    await rename(next, this.file)
    this.#whole = true
  }

  /** Once for each reason, not every few seconds. */
  #complain(reason: string): void {
    if (reason === this.#complaint) return
    this.#complaint = reason
    this.#logger.warn(`cannot store offsets in ${this.file}: ${reason}; what is consumed until it can comes again`)
  }

  async #checkFolder(): Promise<void> {
    const folder = path.dirname(this.file)
    try {
      await makeFolders(folder)
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
      await rm(`${this.file}.tmp`, { force: true })
    } catch (cause) {
      throw new StorageError(`cannot keep offsets in ${folder}: ${reasonOf(cause)}`, { cause })
    }
  }

  async #backup(file: Exclude<Found, { readonly state: 'READ' }>): Promise<readonly QueueOffset[]> {
    const backup = `${this.file}.bak`
    const found = await read(backup)
    const broken = file.state === 'BROKEN' ? file.cause : undefined
    if (found.state === 'READ') {
      if (broken !== undefined) {
        this.#logger.warn(`${this.file} cannot be read (${reasonOf(broken)}); going on from ${backup}`)
      }
      return found.offsets
    }
    const cause = found.state === 'BROKEN' ? found.cause : broken
    if (cause === undefined) return []
    throw new StorageError(`neither ${this.file} nor its backup can be read: ${reasonOf(cause)}`, {
      cause,
      suggestions: ['put a good copy back, or remove both to begin as a new group does'],
    })
  }
}

/** One by one: asked for all at once, Node tries for ever on a file system that takes no folders. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || path.dirname(folder) === folder) throw error
    await makeFolders(path.dirname(folder))
    await mkdir(folder)
  }
}

async function read(file: string): Promise<Found> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'MISSING' }
    return { state: 'BROKEN', cause: error }
  }
  try {
    return { state: 'READ', offsets: readOffsetsFile(bytes) }
  } catch (cause) {
    return { state: 'BROKEN', cause }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
