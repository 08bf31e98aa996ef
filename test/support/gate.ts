import type { ConsumeConcurrentlyStatus } from '../../src/core/consumer/index.ts'

/** A promise that the test keeps, and a listener whose calls stay open until it does, and then succeed. */
export class Gate {
  #open = (): void => undefined
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  open(): void {
    this.#open()
  }

  readonly listener = (): Promise<ConsumeConcurrentlyStatus> => this.opened.then(() => 'CONSUME_SUCCESS')
}
