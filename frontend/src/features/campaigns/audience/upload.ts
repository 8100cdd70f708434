/** A file of contacts on its way. */
import { useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { asProblem } from '@/api/problem'
import { sendFile } from '../shared/sendFile'

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
      const onProgress = (percent: number) => setUpload({ name: file.name, percent, problem: '' })
      await sendFile({ file, kind: 'contacts', campaign, onProgress })
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
