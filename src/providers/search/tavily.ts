/** Tavily, `POST /search`. */
import { z } from 'zod'
import { resultsOf, type SearchEngine } from './engine.ts'

const answerSchema = z.object({
  results: resultsOf(
    z.object({ title: z.string(), url: z.string(), content: z.string().nullish() }),
  ),
})

export const tavily: SearchEngine = {
  address: { url: 'https://api.tavily.com', path: '' },
  needsKey: true,
  request: (base, { text, count }, apiKey) => ({
    url: `${base}/search`,
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: `Bearer ${apiKey}`,
    },
    body: new TextEncoder().encode(JSON.stringify({ query: text, max_results: count })),
  }),
  parse: (answer) =>
    answerSchema.parse(answer).results.map(({ title, url, content }) => ({
      title,
      url,
      snippet: content ?? '',
    })),
}
