import { DLQ_PREFIX, isSystemTopic, RETRY_PREFIX } from './names.ts'

/** Groups of the broker's own; no namespace owns them. */
const SYSTEM_GROUP_PREFIX = 'CID_RMQ_SYS_'

/**
 * A topic or group as it is called on the wire by a client of a namespace: `%RETRY%g` → `%RETRY%ns%g`
 * (`NamespaceUtil#wrapNamespace`). Names of the system and names that have the namespace already stay as they are, and
 * all do when the namespace is empty.
 */
export function wrapNamespace(namespace: string, name: string): string {
  const { prefix, rest } = split(name)
  if (namespace === '' || rest === '' || isSystemTopic(name) || name.startsWith(SYSTEM_GROUP_PREFIX)) return name
  return rest.startsWith(`${namespace}%`) ? name : `${prefix}${namespace}%${rest}`
}

/** A name from the wire as the user knows it; names of other namespaces stay as they are. */
export function unwrapNamespace(namespace: string, name: string): string {
  const { prefix, rest } = split(name)
  if (namespace === '' || !rest.startsWith(`${namespace}%`)) return name
  return prefix + rest.slice(namespace.length + 1)
}

function split(name: string): { readonly prefix: string; readonly rest: string } {
  const prefix = [RETRY_PREFIX, DLQ_PREFIX].find((candidate) => name.startsWith(candidate)) ?? ''
  return { prefix, rest: name.slice(prefix.length) }
}
