import { BaseCommand } from '../cli/base-command.ts'
import { demo } from '../cli/demo/demo.ts'
import { durationFlag } from '../cli/flag-types.ts'
import { stdoutWriter } from '../cli/stdout.ts'
import { OutputClosedError } from '../cli/stdout-writer.ts'

/** `mq demo` */
export default class Demo extends BaseCommand {
  static override summary = 'see it work: a broker, a producer of orders and two consumers, all in this process'
  static override description =
    'Nothing is installed, written or left behind. The last line says how many orders were consumed.'
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --for 10s']
  static override flags = {
    for: durationFlag({ helpValue: '10s', summary: 'stop after so long (until it is stopped)' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo)
    const context = this.begin(flags)
    const writer = stdoutWriter()
    try {
      await demo({ forMs: flags.for, print: (line) => writer.write(`${line}\n`) }, context)
    } catch (error) {
      if (!(error instanceof OutputClosedError && error.readerGone)) throw error
    }
    this.exitInterrupted()
  }
}
