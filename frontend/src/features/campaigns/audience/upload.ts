/** A file of contacts on its way. */
import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { csrfToken, currentTenant, tellSessionLost } from '@/api/client'
import { asProblem, offline, problemFrom } from '@/api/problem'

export interface Upload {
  name: string
  /** 0 to 100. */
  percent: number
  /** Why it was refused, in words; empty while all is well. */
  problem: string
}

export function useUpload(campaign: string) {
  const queries = useQueryClient()
  const [upload, setUpload] = useState<Upload | null>(null)
  const send = async (file: File) => {
    setUpload({ name: file.name, percent: 0, problem: '' })
    try {
      await sendFile(campaign, file, (percent) => setUpload({ name: file.name, percent, problem: '' }))
      await queries.invalidateQueries({ queryKey: ['get', '/api/v1/imports', campaign] })
      setUpload(null)
    } catch (error) {
      const { errors, detail } = asProblem(error)
      const problem = errors.map((fault) => fault.detail).join(' ') || detail
      setUpload({ name: file.name, percent: 0, problem })
    }
  }
  return { upload, send }
}

/** By XMLHttpRequest: fetch does not tell how far it is. Throws a `Problem`. */
function sendFile(campaign: string, file: File, onProgress: (percent: number) => void): Promise<void> {
  const form = new FormData()
  form.append('kind', 'contacts')
  form.append('campaign', campaign)
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
