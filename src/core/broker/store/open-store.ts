import { StorageError } from '../../errors.ts'
import type { KeyValueStore } from './key-value-store.ts'
import { MemoryStore } from './memory-store.ts'

/** Where a broker keeps what it has acknowledged. */
export type StoreChoice = { readonly kind: 'memory' } | { readonly kind: 'lmdb'; readonly dataDir: string }

/** Opens a store. Rejects with StorageError. */
export function openStore(choice: StoreChoice): Promise<KeyValueStore> {
  if (choice.kind === 'memory') return Promise.resolve(new MemoryStore())
  return Promise.reject(
    new StorageError(`the store in ${choice.dataDir} cannot be opened: only memory is supported yet`),
  )
}
