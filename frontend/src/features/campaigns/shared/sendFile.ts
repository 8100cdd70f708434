/** A file on its way into an import. */
import { csrfToken, currentTenant, tellSessionLost } from '@/api/client'
import { offline, problemFrom } from '@/api/problem'
import type { components } from '@/api/schema'

export interface FileWish {
  file: File
  kind: components['schemas']['ImportKind']
  /** Whose contacts or list; a list of numbers that are not called may be the workspace's. */
  campaign?: string
  /** 0 to 100. */
  onProgress: (percent: number) => void
}

/** By XMLHttpRequest: fetch does not tell how far it is. Throws a `Problem`. */
export function sendFile({
  file,
  kind,
  campaign,
  onProgress,
}: FileWish): Promise<components['schemas']['Import']> {
  const form = new FormData()
  form.append('kind', kind)
  if (campaign) form.append('campaign', campaign)
  form.append('file', file)
  const request = new XMLHttpRequest()
  request.open('POST', '/api/v1/imports')
  request.setRequestHeader('X-Tenant', currentTenant())
  request.setRequestHeader('X-CSRFToken', csrfToken())
  request.upload.addEventListener('progress', ({ loaded, total }) =>
    onProgress(total > 0 ? Math.round((100 * loaded) / total) : 0),
  )
  return new Promise((resolve, reject) => {
    request.addEventListener('error', () => reject(offline()))
    request.addEventListener('load', () => {
      const answer = parsed(request.responseText)
      if (request.status < 300) return resolve(answer as components['schemas']['Import'])
      if (request.status === 401) tellSessionLost()
      reject(problemFrom(new Response(null, { status: request.status }), answer))
    })
    request.send(form)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
