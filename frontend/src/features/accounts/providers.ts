import { csrfToken } from '@/api/client'

/** Leaves the page for the provider's, which sends the browser back to `back` (a path of ours). */
export function toProvider(id: string, back: string, process: 'login' | 'connect' = 'login'): void {
  const form = document.createElement('form')
  form.method = 'post'
  form.action = '/_allauth/browser/v1/auth/provider/redirect'
  const fields = { provider: id, callback_url: back, process, csrfmiddlewaretoken: csrfToken() }
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement('input')
    input.type = 'hidden'
    input.name = name
    input.value = value
    form.append(input)
  }
  document.body.append(form)
  form.submit()
}
