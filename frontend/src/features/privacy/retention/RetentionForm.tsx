import { NumberInput, Stack, Table, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '@/api/client'
import { asProblem, type Newer, showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { confirmDanger, done, FormButtons, FormProblem } from '@/components/forms'
import { Stale } from '@/components/Stale'
import { type Kind, KINDS, LONGEST_DAYS, usePrivacyChanged } from '../data'
import { Tonight } from './Tonight'
import { check, type Days, fromForm, isFit, type Read, shortened, toForm } from './values'

interface RetentionFormProps {
  read: Read
  touch: () => void
  saved: (state: Read) => void
  reload: () => void
}

export function RetentionForm({ read: { stored, etag }, touch, saved, reload }: RetentionFormProps) {
  const { t } = useTranslation(['privacy', 'common'])
  const { may } = useTenant()
  const changed = usePrivacyChanged()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [stale, setStale] = useState<Newer | null>(null)
  const form = useForm<Days>({
    initialValues: toForm(stored),
    validate: (values) => check(values, t('daysFault', { most: LONGEST_DAYS })),
    onValuesChange: touch,
  })
  const preview = usePreview(form.values)
  const save = async (values: Days, tag: string) => {
    setBusy(true)
    setProblem(null)
    setStale(null)
    try {
      saved(await send(values, tag))
      done(t('retentionSaved'))
      await changed()
    } catch (error) {
      const found = asProblem(error)
      if (found.status === 412) setStale(found.newer ?? { by: '', at: '' })
      else setProblem(showProblem(form, error))
    } finally {
      setBusy(false)
    }
  }
  const ask = (values: Days) => {
    const sooner = shortened(stored, fromForm(values))
    if (sooner.length === 0) return void save(values, etag)
    confirmDanger({
      title: t('soonerTitle'),
      text: t('soonerText', { kinds: sooner.map((kind) => t(`kind.${kind}`)).join(', ') }),
      confirm: t('soonerConfirm'),
      cancel: t('common:cancel'),
      onConfirm: () => void save(values, etag),
    })
  }
  const write = may('privacy.write')
  return (
    <form noValidate onSubmit={form.onSubmit(ask)}>
      <fieldset disabled={!write} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Stack gap="md">
          <Text size="sm" maw={640}>
            {t('retentionText')}
          </Text>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('kindHead')}</Table.Th>
                <Table.Th>{t('daysHead')}</Table.Th>
                <Table.Th visibleFrom="sm">{t('tonightHead')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {KINDS.map((kind) => (
                <Row key={kind} kind={kind} field={form.getInputProps(kind)}>
                  <Tonight figures={preview.data?.kinds[kind]} failed={preview.isError} />
                </Row>
              ))}
            </Table.Tbody>
          </Table>
          {stale && <Stale newer={stale} onKeep={() => void save(form.values, '')} onReload={reload} />}
          <FormProblem text={problem} />
          {write && <FormButtons label={t('common:save')} busy={busy} disabled={!form.isDirty()} />}
        </Stack>
      </fieldset>
    </form>
  )
}

interface RowProps {
  kind: Kind
  field: object
  children: ReactNode
}

function Row({ kind, field, children }: RowProps) {
  const { t } = useTranslation('privacy')
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500}>
          {t(`kind.${kind}`)}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`kindText.${kind}`)}
        </Text>
        <Text size="sm" component="div" hiddenFrom="sm" mt={4}>
          {children}
        </Text>
      </Table.Td>
      <Table.Td w={170} style={{ verticalAlign: 'top' }}>
        <NumberInput
          aria-label={t('daysOf', { kind: t(`kind.${kind}`) })}
          placeholder={t('forEver')}
          suffix={t('days')}
          min={1}
          max={LONGEST_DAYS}
          clampBehavior="none"
          allowDecimal={false}
          {...field}
        />
      </Table.Td>
      <Table.Td visibleFrom="sm">{children}</Table.Td>
    </Table.Tr>
  )
}

/** What would go tonight by `values`, whether they are saved or not. */
function usePreview(values: Days) {
  const [asked] = useDebouncedValue(values, 400)
  const body = fromForm(asked)
  return useQuery({
    queryKey: ['post', '/api/v1/privacy/purges/preview', body],
    queryFn: async () => (await api.POST('/api/v1/privacy/purges/preview', { body })).data!,
    enabled: KINDS.every((kind) => isFit(asked[kind])),
    placeholderData: keepPreviousData,
  })
}

async function send(values: Days, etag: string): Promise<Read> {
  const { data, response } = await api.PUT('/api/v1/privacy/retention', {
    params: { header: etag ? { 'If-Match': etag } : {} },
    body: fromForm(values),
  })
  return { stored: data!, etag: response.headers.get('ETag') ?? '' }
}
