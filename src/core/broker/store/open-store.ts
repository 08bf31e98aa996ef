import type { KeyValueStore } from './key-value-store.ts'
import { LmdbStore } from './lmdb-store.ts'
import { MemoryStore } from './memory-store.ts'

/** Where a broker keeps what it has acknowledged. */
export type StoreChoice = { readonly kind: 'memory' } | { readonly kind: 'lmdb'; readonly dataDir: string }

/** Opens a store. Rejects with StorageError when its directory cannot be used. */
export function openStore(choice: StoreChoice): Promise<KeyValueStore> {
  return choice.kind === 'memory' ? Promise.resolve(new MemoryStore()) : LmdbStore.open(choice.dataDir)
}
