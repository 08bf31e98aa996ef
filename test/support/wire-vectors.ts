import { fixtureText } from './fixtures.ts'

/** A test vector of the wire format; each kind has members of its own. */
export interface Vector {
  readonly id: string
  readonly kind: string
  readonly hex: string
}

export const vectors = (JSON.parse(fixtureText('wire-vectors.json')) as { readonly vectors: readonly Vector[] }).vectors

/** All vectors of a kind, typed by its caller. Throws when there is none, so that no test passes by being empty. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the fixture has a type per kind
export function vectorsOf<T>(kind: string): readonly (Vector & T)[] {
  const found = vectors.filter((vector) => vector.kind === kind) as (Vector & T)[]
  if (found.length === 0) throw new Error(`there is no vector of kind ${kind}`)
  return found
}
