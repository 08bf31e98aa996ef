import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { withConnection } from '../cli/connect.ts'
import { durationFlag, integerFlag, sizeFlag } from '../cli/flag-types.ts'
import { confirmFlag, connectionFlags } from '../cli/flags.ts'
import { checkPlan } from '../cli/produce/check-plan.ts'
import { readsInput } from '../cli/produce/choose-source.ts'
import { MAX_DELAY_LEVEL } from '../cli/produce/delay-level.ts'
import { produce } from '../cli/produce/produce.ts'
import { produceFormats } from '../cli/produce/results.ts'
import { inputForms } from '../cli/produce/source.ts'
import { messageTemplate } from '../cli/produce/template.ts'
import { checkOwnTopic } from '../cli/topic-name.ts'
import { traceOption } from '../cli/trace-option.ts'

/** `mq produce TOPIC` */
export default class Produce extends BaseCommand {
  static override summary = 'send messages: one, a line each of stdin, or made ones'
  static override examples = [
    '<%= config.bin %> produce orders --body hello --tags created --key order-1',
    'seq 1 100000 | <%= config.bin %> produce orders',
    '<%= config.bin %> consume orders --from first --until-caught-up --output jsonl | <%= config.bin %> produce copy --input jsonl',
    '<%= config.bin %> produce orders --size 4k --count 10000 --rate 500',
  ]
  static override args = { topic: Args.string({ required: true, ignoreStdin: true, description: 'where to' }) }
  static override flags = {
    body: Flags.string({
      helpGroup: 'INPUT',
      summary: 'the message; without it (and --size) messages are read from stdin',
    }),
    input: Flags.option({ options: inputForms, helpGroup: 'INPUT' })({
      summary:
        'what stdin is: a message a line (lines, the default), a JSON object a line as consume writes it (jsonl), one message (raw)',
    }),
    size: sizeFlag({ helpGroup: 'INPUT', helpValue: '4k', summary: 'random messages of this size' }),
    count: integerFlag({ min: 1 })({
      helpGroup: 'INPUT',
      summary: 'send the body so often; of stdin, at most so many lines',
    }),
    tags: Flags.string({ helpGroup: 'MESSAGE', summary: 'the tag, for consumers to filter by' }),
    key: Flags.string({
      helpGroup: 'MESSAGE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'a key to find the message by; may be given several times',
    }),
    prop: Flags.string({
      helpGroup: 'MESSAGE',
      helpValue: 'NAME=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'a property; may be given several times',
    }),
    'shard-key': Flags.string({
      helpGroup: 'MESSAGE',
      summary: 'messages with the same one go to the same queue, in order',
    }),
    queue: Flags.string({ helpGroup: 'MESSAGE', helpValue: 'BROKER:ID', summary: 'the queue to send to' }),
    'delay-level': integerFlag({ min: 1, max: MAX_DELAY_LEVEL })({
      helpGroup: 'MESSAGE',
      summary: 'deliver later: a level of the broker',
    }),
    delay: durationFlag({
      helpGroup: 'MESSAGE',
      helpValue: '10s',
      summary: 'deliver later: one of the times a broker has levels for',
    }),
    rate: integerFlag({ min: 1, max: 1_000_000 })({ helpGroup: 'SENDING', summary: 'messages per second' }),
    batch: integerFlag({ min: 1, max: 4096 })({
      helpGroup: 'SENDING',
      summary: 'messages per request: faster, one queue per request',
    }),
    oneway: Flags.boolean({
      helpGroup: 'SENDING',
      summary: 'do not wait for the broker: faster, and losses go unnoticed',
    }),
    trace: Flags.boolean({
      helpGroup: 'SENDING',
      summary: 'write what is sent to the trace topic, for mqadmin queryMsgTraceById',
    }),
    'trace-topic': Flags.string({
      helpGroup: 'SENDING',
      helpValue: 'TOPIC',
      summary: 'trace to this topic (RMQ_SYS_TRACE_TOPIC)',
    }),
    output: Flags.option({ char: 'o', options: produceFormats, helpGroup: 'GLOBAL' })({
      summary: 'on stdout: nothing (none, the default), a JSON line for each message, or one JSON document at the end',
    }),
    confirm: confirmFlag,
    ...connectionFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Produce)
    const context = this.begin(flags)
    checkOwnTopic(args.topic)
    const template = messageTemplate(args.topic, flags)
    const plan = checkPlan(flags, template)
    if (readsInput(flags) && context.terminal.stdin) context.say('reading messages from the terminal; Ctrl-D ends')
    await withConnection(context, flags, async (connection) => {
      const format = flags.json ? 'json' : (flags.output ?? 'none')
      const trace = traceOption(flags)
      const request = { ...plan, template, source: flags, format, trace, confirm: flags.confirm }
      this.exitWith(await produce(request, { context, connection, input: process.stdin }))
    })
  }
}
