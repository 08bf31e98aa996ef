import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataDirectory } from '../../../../src/core/broker/store/data-directory.ts'
import { StorageError } from '../../../../src/core/errors.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** A process that does nothing until it is ended. */
async function idleProcess(): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('spawn', resolve))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    pid: child.pid!,
    end: () => {
      child.kill('SIGKILL')
      return ended
    },
  }
}

describe('DataDirectory', () => {
  it('makes the directory, marks it as its own, and can be opened again after a close', async () => {
    const directory = path.join(temporaryDirectory(), 'deep', 'below')

    const first = await DataDirectory.open(directory)
    await first.close()
    const second = await DataDirectory.open(directory)
    await second.close()

    expect(readdirSync(directory)).toEqual(['mq-broker.json'])
  })

  it('refuses a directory this process has open already', async () => {
    const directory = temporaryDirectory()
    const first = await DataDirectory.open(directory)

    const second = DataDirectory.open(`${directory}/.`)

    await expect(second).rejects.toThrow(StorageError)
    await expect(second).rejects.toThrow(`is in use by process ${process.pid}`)
    await first.close()
  })

  it('refuses a directory that another living process holds, and names the process', async () => {
    const directory = temporaryDirectory()
    await (await DataDirectory.open(directory)).close()
    const holder = await idleProcess()
    writeFileSync(path.join(directory, 'lock'), JSON.stringify({ pid: holder.pid }))

    const refused = expect(DataDirectory.open(directory)).rejects.toThrow(`is in use by process ${holder.pid}`)
    await refused
    await holder.end()

    await (await DataDirectory.open(directory)).close()
  })

  it('takes over the lock of a process that is gone, and one whose pid now belongs to another', async () => {
    const directory = temporaryDirectory()
    await (await DataDirectory.open(directory)).close()
    const other = await idleProcess()
    const locks = [
      JSON.stringify({ pid: 2 ** 22 + 1, start: '1' }),
      'not a lock at all',
      ...(existsSync('/proc/self/stat') ? [JSON.stringify({ pid: other.pid, start: 'another' })] : []),
    ]

    for (const lock of locks) {
      writeFileSync(path.join(directory, 'lock'), lock)
      const taken = await DataDirectory.open(directory)
      expect(readFileSync(path.join(directory, 'lock'), 'utf8')).toContain(`"pid":${process.pid}`)
      await taken.close()
    }
    await other.end()
  })

  it('refuses a directory with something else in it and leaves it untouched', async () => {
    const directory = temporaryDirectory()
    writeFileSync(path.join(directory, 'thesis.txt'), 'precious')

    await expect(DataDirectory.open(directory)).rejects.toThrow('is not empty and was not made by mq broker')

    expect(readdirSync(directory)).toEqual(['thesis.txt'])
  })

  it('takes a directory in which an earlier start got no further than its lock', async () => {
    const directory = temporaryDirectory()
    writeFileSync(path.join(directory, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1 }))

    await (await DataDirectory.open(directory)).close()
  })

  it('refuses the layout of another version', async () => {
    const directory = temporaryDirectory()
    writeFileSync(path.join(directory, 'mq-broker.json'), '{"schemaVersion": 99}')

    await expect(DataDirectory.open(directory)).rejects.toThrow('was written with layout 99')
    expect(readdirSync(directory)).toEqual(['mq-broker.json'])
  })

  it('refuses a path that is no directory', async () => {
    const file = path.join(temporaryDirectory(), 'file')
    writeFileSync(file, '')

    for (const wrong of [file, path.join(file, 'below')]) {
      const refused = DataDirectory.open(wrong)
      await expect(refused).rejects.toThrow(StorageError)
      await expect(refused).rejects.toThrow(`the data directory ${wrong} cannot be used`)
    }
  })

  it.skipIf(!existsSync('/proc/self/stat'))(
    'refuses a file system that takes no directories, even from the superuser',
    async () => {
      const refused = DataDirectory.open('/proc/mq-broker')

      await expect(refused).rejects.toThrow(StorageError)
      await expect(refused).rejects.toThrow('the data directory /proc/mq-broker cannot be used')
    },
  )

  // The superuser may write anywhere.
  it.skipIf(process.getuid?.() === 0)('refuses a directory it may not write', async () => {
    const directory = path.join(temporaryDirectory(), 'readonly')
    mkdirSync(directory)
    chmodSync(directory, 0o555)

    const refused = DataDirectory.open(directory)

    await expect(refused).rejects.toThrow(StorageError)
    await expect(refused).rejects.toThrow(`the data directory ${directory} cannot be used`)
    chmodSync(directory, 0o755)
  })
})
