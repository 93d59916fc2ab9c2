// Shows the gateway's health and the addresses of its endpoints. It sends no credential and keeps nothing.
const REFRESH_MS = 10_000

const element = (id) => document.getElementById(id)

function show(isHealthy, state, detail) {
  element('lamp').className = `lamp ${isHealthy ? 'good' : 'bad'}`
  element('state').textContent = state
  element('detail').textContent = detail
}

async function refresh() {
  try {
    const response = await fetch('/health', { cache: 'no-store' })
    const body = await response.json()
    if (response.ok) show(true, 'Running', `Protocol version ${body.protocol}`)
    else show(false, 'Not ready', body.error?.message ?? `It answered ${response.status}.`)
  } catch {
    show(false, 'No answer', 'The gateway cannot be reached from here.')
  }
}

element('socket').textContent = `${location.origin.replace(/^http/, 'ws')}/ws`
element('openai').textContent = `${location.origin}/v1`
await refresh()
setInterval(refresh, REFRESH_MS)
