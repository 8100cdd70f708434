/** Files on their way into a knowledge base, one after the other, each with how far it is. */
import { useRef, useState } from 'react'
import { csrfToken, currentTenant, tellSessionLost } from '@/api/client'
import { asProblem, offline, problemFrom } from '@/api/problem'

export interface Upload {
  key: number
  file: File
  /** 0 to 100. */
  percent: number
  /** Why it was refused, in words; empty while all is well. */
  problem: string
}

let nextKey = 0

/** `onAdded`: a file is there now. Those that were refused stay until they are dismissed. */
export function useUploads(base: string, onAdded: (name: string) => void) {
  const [uploads, setUploads] = useState<Upload[]>([])
  const queue = useRef<Promise<void>>(Promise.resolve())
  const change = (key: number, part: Partial<Upload>) =>
    setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)))
  const dismiss = (key: number) => setUploads((all) => all.filter((one) => one.key !== key))
  const send = async ({ key, file }: Upload) => {
    try {
      await sendFile(base, file, (percent) => change(key, { percent }))
      dismiss(key)
      onAdded(file.name)
    } catch (error) {
      const { errors, detail } = asProblem(error)
      change(key, { percent: 0, problem: errors.map((fault) => fault.detail).join(' ') || detail })
    }
  }
  const add = (files: readonly File[]) => {
    const fresh = files.map((file): Upload => ({ key: nextKey++, file, percent: 0, problem: '' }))
    setUploads((all) => [...all, ...fresh])
    for (const one of fresh) queue.current = queue.current.then(() => send(one))
  }
  const again = (one: Upload) => {
    change(one.key, { problem: '' })
    queue.current = queue.current.then(() => send(one))
  }
  return { uploads, add, again, dismiss }
}

/** By XMLHttpRequest: fetch does not tell how far it is. Throws a `Problem`. */
function sendFile(base: string, file: File, onProgress: (percent: number) => void): Promise<void> {
  const form = new FormData()
  form.append('file', file)
  const request = new XMLHttpRequest()
  request.open('POST', `/api/v1/knowledge-bases/${base}/documents`)
  request.setRequestHeader('X-Tenant', currentTenant())
  request.setRequestHeader('X-CSRFToken', csrfToken())
  request.upload.addEventListener('progress', ({ loaded, total }) =>
    onProgress(total > 0 ? Math.round((100 * loaded) / total) : 0),
  )
  return new Promise((resolve, reject) => {
    request.addEventListener('error', () => reject(offline()))
    request.addEventListener('load', () => {
      if (request.status < 300) return resolve()
      if (request.status === 401) tellSessionLost()
      reject(problemFrom(new Response(null, { status: request.status }), parsed(request.responseText)))
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
