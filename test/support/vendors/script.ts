/** What a local vendor is told to do, in words that hold for every vendor's wire. */

export interface ScriptedCall {
  readonly id?: string
  readonly name: string
  readonly arguments: unknown
  /** Sent instead of the arguments' JSON. */
  readonly rawArguments?: string
}

export interface ScriptedUsage {
  readonly input: number
  readonly output: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
}

export interface Answer {
  readonly thinking?: string
  /** Each piece is one delta on the wire; a string is sent word by word. */
  readonly text?: string | readonly string[]
  readonly calls?: readonly ScriptedCall[]
  readonly finish?: 'stop' | 'length' | 'content_filter'
  readonly usage?: ScriptedUsage
}

export type Behaviour =
  | ({ readonly type: 'answer'; readonly delayMs?: number } & Answer)
  /** Says nothing more, with the connection open: before the head, after it, or after some text. */
  | { readonly type: 'stall'; readonly after: 'nothing' | 'headers' | 'text' }
  /** Ends in the middle: politely, or by breaking the connection. */
  | { readonly type: 'cut'; readonly text?: string; readonly how: 'end' | 'reset' }
  | { readonly type: 'garbage'; readonly what: 'html' | 'bad_json' | 'foreign_json' | 'empty' }
  /** An error in the vendor's own shape in the middle of a 200 stream. */
  | {
      readonly type: 'error_event'
      readonly text?: string
      readonly code: string
      readonly message: string
    }
  | {
      readonly type: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly message?: string
      readonly code?: string
      /** Sent as it is instead of the vendor's error shape. */
      readonly body?: string
    }
  | { readonly type: 'redirect'; readonly location: string }

export interface VendorRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** One behaviour per request, the last one for all that follow; or decided by the request. */
export type Script = readonly Behaviour[] | ((request: VendorRequest, index: number) => Behaviour)

export const DEFAULT_USAGE: ScriptedUsage = { input: 11, output: 7 }

export const textDeltas = (text: Answer['text']): readonly string[] =>
  typeof text === 'string' ? (text.match(/\S+\s*|\s+/g) ?? []) : (text ?? [])

export const argumentsText = (call: ScriptedCall): string =>
  call.rawArguments ?? JSON.stringify(call.arguments)

/** Two pieces, so that readers must put arguments together. */
export const inHalves = (text: string): readonly string[] => {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)].filter((half) => half !== '')
}
