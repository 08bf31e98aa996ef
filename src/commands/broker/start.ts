import { Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { EMBEDDED_HOST, EMBEDDED_PORT } from '../../cli/embedded.ts'
import { integerFlag } from '../../cli/flag-types.ts'
import { serve } from '../../cli/serve.ts'

/** `mq broker start` */
export default class BrokerStart extends BaseCommand {
  static override summary = 'run the embedded broker in the foreground: a small RocketMQ, name server included'
  static override examples = [
    '<%= config.bin %> broker start',
    '<%= config.bin %> broker start --in-memory --port 0 --output json',
    '<%= config.bin %> broker start --data-dir ./data --host 0.0.0.0',
  ]
  static override flags = {
    port: integerFlag({ min: 0, max: 65_535 })({
      env: 'MQ_BROKER_PORT',
      default: EMBEDDED_PORT,
      summary: 'port of name server and broker; 0 takes any free one',
    }),
    host: Flags.string({ env: 'MQ_BROKER_HOST', default: EMBEDDED_HOST, summary: 'address to listen on' }),
    'data-dir': Flags.string({
      helpValue: 'DIR',
      exclusive: ['in-memory'],
      summary: "where messages are kept (env: MQ_DATA_DIR; default: mq/broker in the user's data folder)",
    }),
    'in-memory': Flags.boolean({ summary: 'keep nothing: all is gone when it stops' }),
    'reset-mode': Flags.option({ options: ['server-side', 'client-push'] as const, default: 'server-side' })({
      summary: 'who carries a reset of offsets out: the broker, as from 5.2 on, or the members, as before',
    }),
    output: Flags.option({ char: 'o', options: ['json'] as const, helpGroup: 'GLOBAL' })({
      summary: 'when it serves, one JSON line on stdout: namesrv, dataDir, pid',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(BrokerStart)
    const context = this.begin(flags)
    await serve(
      {
        host: flags.host,
        port: flags.port,
        dataDir: flags['data-dir'],
        inMemory: flags['in-memory'],
        resetMode: flags['reset-mode'],
        json: flags.json || flags.output === 'json',
      },
      context,
      () => this.interrupted !== undefined,
    )
  }
}
