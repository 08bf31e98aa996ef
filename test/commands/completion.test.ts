import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EmbeddedBroker } from '../../src/core/broker/index.ts'
import { freePort, memoryBroker, mq, runNode, temporaryFolder } from '../support/mq.ts'

const script = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const folder = temporaryFolder()
let broker: EmbeddedBroker
beforeAll(async () => {
  broker = await memoryBroker()
  for (const topic of ['orders', 'payments']) await mq(['topics', 'create', topic, '-n', broker.address])
  for (const group of ['billing', 'mailer']) await mq(['groups', 'create', '-g', group, '-n', broker.address])
  await mq(['topics', 'create', '%RETRY%billing', '-n', broker.address])
  await mq(['contexts', 'add', 'prod', '-n', broker.address], { env: { MQ_CONFIG_DIR: folder.path } })
  mkdirSync(path.join(folder.path, 'bin'))
  symlinkSync(script, path.join(folder.path, 'bin', 'mq'))
})
afterAll(async () => {
  await broker.close()
  folder.remove()
})

/** A machine under load must not decide what these tests find. */
const patient = { MQ_COMPLETION_BUDGET: '60s' }
const env = () => ({ ...patient, MQ_NAMESRV: broker.address, MQ_CONFIG_DIR: folder.path })

/** What fish is offered for these words, the last one being written. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const { stdout, stderr, code } = await mq(['complete', 'fish', '--', ...words], { env: env() })
  expect([code, stderr]).toEqual([0, ''])
  return stdout.split('\n').flatMap((line) => line.split('\t')[0] || [])
}

describe('what is offered', () => {
  test.each([
    ['commands by their beginning', ['top'], ['topics']],
    ['the commands of a topic', ['topics', ''], ['create', 'delete', 'groups', 'list', 'show']],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['topics where one is wanted', ['topics', 'show', ''], ['orders', 'payments']],
    ['topics of a command that has a longer name too', ['consume', 'or'], ['orders']],
    ['retry topics to who begins to write one', ['topics', 'show', '%'], ['%RETRY%billing']],
    ['groups after -g', ['offsets', 'show', '-g', ''], ['billing', 'mailer']],
    ['groups after =', ['offsets', 'show', '--group=m'], ['--group=mailer']],
    ['groups to copy from', ['offsets', 'clone', '--from', ''], ['billing', 'mailer']],
    ['contexts', ['topics', 'list', '--context', ''], ['prod']],
    ['flags', ['offsets', 'reset', '--plan'], ['--plan-out', '--plan']],
    ['what a flag takes', ['topics', 'create', 'x', '--perm', ''], ['rw', 'r', 'w']],
    ['settings of a group', ['groups', 'config', '-g', 'x', '--set', 'retryM'], ['retryMaxTimes=']],
    ['the files of the shell', ['offsets', 'import', ''], [':files']],
    ['nothing where a value is free', ['topics', 'create', 'x', '--queues', ''], []],
    ['nothing after the last argument', ['topics', 'show', 'orders', ''], []],
    ['nothing of no command', ['tpoics', 'show', ''], []],
  ])('%s', async (_name, words, wanted) => {
    expect(await offered(...words)).toEqual(wanted)
  })

  test('names of the cluster the line is about', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`

    expect(await offered('topics', 'show', '-n', nowhere, '')).toEqual([])
    expect(await offered('topics', 'show', '-n', nowhere, '--context', 'prod', '-n', broker.address, 'o')).toEqual([
      'orders',
    ])
  })

  test('not the commands only scripts use', async () => {
    expect(await offered('com')).toEqual(['completion'])
  })
})

describe('a cluster that does not answer', () => {
  test('is not waited for longer than the budget, and not spoken of', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as net.AddressInfo
    try {
      const started = performance.now()
      const args = ['complete', 'fish', '--', 'topics', 'show', '-n', `127.0.0.1:${port}`, '']
      const { stdout, stderr, code } = await mq(args, { env: { MQ_COMPLETION_BUDGET: '400ms' } })

      expect([stdout, stderr, code]).toEqual(['', '', 0])
      // The budget is 0.4 s; the rest is for a machine that is busy.
      expect(performance.now() - started).toBeLessThan(3000)
    } finally {
      silent.close()
    }
  })

  test('as nonsense in the settings is not spoken of', async () => {
    const broken = temporaryFolder()
    writeFileSync(path.join(broken.path, 'contexts.json'), 'nonsense')
    const args = ['complete', 'bash', '--', 'mq topics list --context ']
    const { stdout, stderr, code } = await mq(args, { env: { ...patient, MQ_CONFIG_DIR: broken.path } })
    broken.remove()

    expect([stdout, stderr, code]).toEqual(['', '', 0])
  })
})

describe('the scripts', () => {
  const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0
  const inShell = (shell: string, text: string) => {
    const PATH = [path.join(folder.path, 'bin'), path.dirname(process.execPath), process.env['PATH']].join(':')
    // The broker is in this process: it must not stand still meanwhile.
    return promisify(execFile)(shell, ['-c', text], { env: { ...env(), PATH, HOME: folder.path } })
  }

  test('in bash complete commands, topics and groups', async () => {
    const lines = ['mq top', 'mq topics show o', 'mq offsets show --group=b', 'mq consume orders -g ', 'mq nothing ']
    const tries = lines.map((line) => `try '${line}'`).join('; ')
    const { stdout, stderr } = await inShell(
      'bash',
      `source <(mq completion bash)
       try() {
         COMP_LINE=$1 COMP_POINT=\${#1}
         read -ra COMP_WORDS <<< "$1"; COMP_CWORD=\${#COMP_WORDS[@]}
         _mq; echo "\${COMPREPLY[*]}"
       }
       ${tries}`,
    )

    expect(stderr).toBe('')
    expect(stdout.split('\n')).toEqual(['topics', 'orders', 'billing', 'billing mailer', '', ''])
  })

  test('in bash are silent where mq is not', async () => {
    const { stdout, stderr } = await inShell(
      'bash',
      `source <(mq completion bash); COMP_LINE='mq top' COMP_POINT=6 COMP_WORDS=(no-such-mq top); _mq; echo "\${#COMPREPLY[@]}"`,
    )

    expect([stdout, stderr]).toEqual(['0\n', ''])
  })

  test.runIf(has('zsh'))('in zsh are read without an error', async () => {
    const { stderr } = await inShell('zsh', 'autoload -U compinit; compinit -D -u; source <(mq completion zsh)')

    expect(stderr).toBe('')
  })

  test.runIf(has('fish'))('in fish complete commands and topics', async () => {
    const tried = `mq completion fish | source; complete -C 'mq top'; complete -C 'mq topics show o'`
    const { stdout } = await inShell('fish', tried)

    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['topics', 'orders', ''])
  })

  test('for another shell there is none', async () => {
    const { code, stderr } = await runNode([script, 'completion', 'tcsh'])

    expect(stderr).toContain('to be one of: bash, zsh, fish')
    expect(code).toBe(2)
  })
})
