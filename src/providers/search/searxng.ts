/** SearXNG, `GET /search?format=json`, which an instance's settings must allow. */
import { z } from 'zod'
import { resultsOf, type SearchEngine } from './engine.ts'

const answerSchema = z.object({
  results: resultsOf(
    z.object({ title: z.string(), url: z.string(), content: z.string().nullish() }),
  ),
})

export const searxng: SearchEngine = {
  address: { url: null, path: '' },
  needsKey: false,
  request: (base, { text }, apiKey) => ({
    url: `${base}/search?${new URLSearchParams({ q: text, format: 'json' })}`,
    method: 'GET',
    headers: {
      accept: 'application/json',
      // It knows no keys; a proxy in front of it may.
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
    },
  }),
  parse: (answer) =>
    answerSchema.parse(answer).results.map(({ title, url, content }) => ({
      title,
      url,
      snippet: content ?? '',
    })),
}
