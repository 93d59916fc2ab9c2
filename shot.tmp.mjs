import { chromium } from 'playwright-core'
const [,, base, token, outPrefix, ...paths] = process.argv
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run'] })
const p = await b.newPage({ viewport: { width: 1280, height: 800 } })
p.on('console', m => { if (['error','warning'].includes(m.type())) console.log('console', m.type(), m.text().slice(0,300)) })
p.on('pageerror', e => console.log('pageerror', e.message.slice(0,400)))
await p.goto(base + '/'); await p.screenshot({ path: `${outPrefix}-signin.png` })
await p.getByLabel('Token').fill(token); await p.getByRole('button', { name: 'Sign in', exact: true }).click()
await p.getByRole('navigation', { name: 'Pages' }).waitFor({ timeout: 10000 })
for (const path of paths) {
  const name = path.replaceAll(/\W+/g, '_') || 'home'
  await p.goto(base + path); await p.waitForTimeout(1500)
  await p.screenshot({ path: `${outPrefix}-${name}.png` })
}
await b.close()
