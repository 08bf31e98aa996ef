/** A stream that can be kept from writing. */
export interface HeldStream {
  write: (text: string | Uint8Array) => boolean
}

/** More is not kept: the oldest goes. */
const MOST = 200

/**
 * Keeps a stream from writing until it is let go, and writes then what was said meanwhile: whatever is said to somebody
 * who looks at a screen would be in the middle of it. Returns how to let go.
 */
export function holdBack(stream: HeldStream): () => void {
  const { write } = stream
  const held: (string | Uint8Array)[] = []
  let left = 0
  stream.write = (text) => {
    held.push(text)
    if (held.length > MOST) {
      held.shift()
      left += 1
    }
    return true
  }
  return () => {
    stream.write = write
    if (left > 0) stream.write(`(${left} lines that came before are not shown)\n`)
    for (const text of held.splice(0)) stream.write(text)
  }
}
