/** How long each kind of data is kept, and what would go tonight by what stands in the form. */
import { api } from '@/api/client'
import { Loaded } from '@/components/states'
import { useEdited } from '@/components/useEdited'
import { RetentionForm } from './RetentionForm'
import type { Read } from './values'

export function RetentionTab() {
  const { query, ...edited } = useEdited(['get', '/api/v1/privacy/retention', 'edited'], read)
  return (
    <Loaded query={query} rows={7}>
      {(state) => <RetentionForm key={state.etag} read={state} {...edited} />}
    </Loaded>
  )
}

async function read(): Promise<Read> {
  const { data, response } = await api.GET('/api/v1/privacy/retention')
  return { stored: data!, etag: response.headers.get('ETag') ?? '' }
}
