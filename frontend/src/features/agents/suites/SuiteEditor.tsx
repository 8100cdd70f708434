/** One suite: its cases, and its runs. */
import {
  Badge,
  Button,
  Grid,
  Group,
  NavLink,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core'
import { IconAlertTriangle, IconArrowLeft, IconPlayerPlay, IconPlus, IconTrash } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api, api } from '@/api/client'
import { asProblem, showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { confirmDanger, done, failed, FormProblem } from '@/components/forms'
import { canonical } from '../config/convert'
import type { Draft } from '../editor/useDraft'
import { CaseEditor } from './CaseEditor'
import { emptyCase, faultsByCase, freshCaseName } from './cases'
import { formOf, type ReadSuite, saveSuite, useSuitesAgain } from './data'
import { SuiteFormProvider, useNewSuiteForm, useSuiteForm } from './form'
import { Runs } from './Runs'
import type { SuiteForm } from './types'

interface SuiteEditorProps {
  read: ReadSuite
  draft: Draft
  onClose: () => void
  /** Whose report is open. */
  run: string | null
}

export function SuiteEditor({ read, draft, onClose, run }: SuiteEditorProps) {
  const { t } = useTranslation(['agents', 'common'])
  const { may } = useTenant()
  const suite = useSuite(read)
  const [view, setView] = useState(run === null ? 'cases' : 'runs')
  const [openRun, setOpenRun] = useState(run)
  const { form } = suite
  const leave = () =>
    suite.dirty
      ? confirmDanger({
          title: t('suites.leaveTitle'),
          text: t('suites.leaveText', { name: form.values.name }),
          confirm: t('suites.leave'),
          cancel: t('common:cancel'),
          onConfirm: onClose,
        })
      : onClose()
  return (
    <SuiteFormProvider form={form}>
      <Stack gap="md">
        <Group justify="space-between">
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconArrowLeft size={15} />}
            onClick={leave}
          >
            {t('suites.back')}
          </Button>
          <Group gap="xs">
            {suite.dirty && <Badge color="amber">{t('suites.unsaved')}</Badge>}
            {may('agents.write') && <Remove id={read.suite.id} name={read.suite.name} onRemoved={onClose} />}
          </Group>
        </Group>
        <Group align="flex-end" gap="sm">
          <TextInput
            flex={1}
            miw={200}
            label={t('suites.newName')}
            maxLength={120}
            {...form.getInputProps('name')}
          />
          <Switch
            mb={8}
            label={t('suites.guards')}
            disabled={!may('agents.write')}
            {...form.getInputProps('gate', { type: 'checkbox' })}
          />
          {may('agents.write') && (
            <Button
              variant="default"
              loading={suite.busy}
              disabled={!suite.dirty}
              onClick={() => void suite.save()}
            >
              {t('common:save')}
            </Button>
          )}
        </Group>
        <FormProblem text={suite.problem} />
        <Group justify="space-between" align="flex-end">
          <SegmentedControl
            aria-label={t('suites.view')}
            value={view}
            onChange={setView}
            data={[
              { value: 'cases', label: t('suites.casesView') },
              { value: 'runs', label: t('suites.runsView') },
            ]}
          />
          {may('agents.write') && (
            <RunButton
              suite={read.suite.id}
              draft={draft}
              dirty={suite.dirty}
              before={suite.save}
              onStarted={(id) => {
                setOpenRun(id)
                setView('runs')
              }}
            />
          )}
        </Group>
        {view === 'cases' ? <Cases /> : <Runs suite={read.suite.id} open={openRun} onOpen={setOpenRun} />}
      </Stack>
    </SuiteFormProvider>
  )
}

function useSuite(read: ReadSuite) {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  const again = useSuitesAgain()
  const [stored, setStored] = useState(read)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const mayWrite = may('agents.write')
  const form = useNewSuiteForm({
    mode: 'controlled',
    initialValues: formOf(read),
    enhanceGetInputProps: () => (mayWrite ? {} : { readOnly: true }),
  })
  const base = useMemo(() => canonical(formOf(stored)), [stored])
  const dirty = mayWrite && canonical(form.values) !== base
  const save = async (): Promise<boolean> => {
    setProblem(null)
    const faults = check(form.values, {
      name: t('suites.fault.name'),
      twice: t('suites.fault.twice'),
      none: t('suites.fault.none'),
    })
    form.setErrors(faults)
    if (Object.keys(faults).length > 0) return false
    setBusy(true)
    try {
      const saved = await saveSuite(stored.suite.id, stored.etag, form.values)
      setStored(saved)
      form.setValues(formOf(saved))
      again()
      done(t('suites.saved'))
      return true
    } catch (error) {
      setProblem(asProblem(error).status === 412 ? t('suites.stale') : showProblem(form, error))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { form, dirty, busy, problem, save }
}

/** What the server would say as well, sooner. */
function check({ name, cases }: SuiteForm, words: { name: string; twice: string; none: string }) {
  const faults: Record<string, string> = {}
  if (!name.trim()) faults.name = words.name
  const seen = new Set<string>()
  cases.forEach((one, i) => {
    const plain = one.name.trim()
    if (!plain) faults[`cases.${i}.name`] = words.name
    else if (seen.has(plain)) faults[`cases.${i}.name`] = words.twice
    seen.add(plain)
    if (one.assertions.length === 0) faults[`cases.${i}.assertions`] = words.none
  })
  return faults
}

function Cases() {
  const { t } = useTranslation('agents')
  const { may } = useTenant()
  const form = useCases()
  const { cases, open, setOpen, faults } = form
  const shown = Math.min(open, cases.length - 1)
  const options = cases.map(({ name }, i) => ({ value: String(i), label: name || t('unnamed') }))
  return (
    <Grid gap="lg">
      <Grid.Col span={{ base: 12, md: 3 }}>
        <Stack gap="xs">
          <Stack gap={0} component="nav" aria-label={t('suites.casesView')} visibleFrom="md">
            {options.map(({ value, label }, i) => (
              <NavLink
                key={value}
                component="button"
                type="button"
                label={label}
                active={i === shown}
                aria-current={i === shown}
                onClick={() => setOpen(i)}
                rightSection={
                  faults[i] ? (
                    <IconAlertTriangle size={15} aria-label={t('faults', { count: faults[i] })} />
                  ) : undefined
                }
              />
            ))}
          </Stack>
          {cases.length > 1 && (
            <Select
              hiddenFrom="md"
              label={t('suites.casesView')}
              allowDeselect={false}
              data={options}
              value={String(shown)}
              onChange={(value) => setOpen(Number(value))}
            />
          )}
          {may('agents.write') && (
            <Button
              variant="default"
              size="xs"
              style={{ alignSelf: 'flex-start' }}
              leftSection={<IconPlus size={14} />}
              onClick={form.add}
            >
              {t('suites.addCase')}
            </Button>
          )}
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 9 }}>
        {cases[shown] && (
          <CaseEditor
            key={shown}
            index={shown}
            onDuplicate={() => form.duplicate(shown)}
            onRemove={() => form.remove(shown)}
          />
        )}
      </Grid.Col>
    </Grid>
  )
}

function useCases() {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  const [open, setOpen] = useState(0)
  const { cases } = form.values
  const nth = (number: number) => t('suites.nth', { number })
  const put = (next: typeof cases, at: number) => {
    form.setFieldValue('cases', next)
    setOpen(Math.max(0, at))
  }
  return {
    cases,
    open,
    setOpen,
    faults: faultsByCase(form.errors),
    add: () => put([...cases, emptyCase(freshCaseName(cases, nth))], cases.length),
    duplicate: (at: number) =>
      put([...cases, { ...structuredClone(cases[at]!), name: freshCaseName(cases, nth) }], cases.length),
    remove: (at: number) =>
      put(
        cases.filter((_, i) => i !== at),
        at - 1,
      ),
  }
}

interface RunButtonProps {
  suite: string
  draft: Draft
  dirty: boolean
  before: () => Promise<boolean>
  onStarted: (run: string) => void
}

function RunButton({ suite, draft, dirty, before, onStarted }: RunButtonProps) {
  const { t } = useTranslation('agents')
  const again = useSuitesAgain()
  const [source, setSource] = useState('draft')
  const [busy, setBusy] = useState(false)
  const { agent } = draft.stored
  const versions = $api.useQuery('get', '/api/v1/agents/{id}/versions', {
    params: { path: { id: agent.id }, query: { limit: 200 } },
  })
  const start = async () => {
    setBusy(true)
    try {
      if (dirty && !(await before())) return
      // What is tested is what is on the screen.
      if (source === 'draft' && draft.dirty && !(await draft.save())) return
      const { data } = await api.POST('/api/v1/suites/{id}/runs', {
        params: { path: { id: suite } },
        body: { source: source === 'draft' ? 'draft' : Number(source) },
      })
      again()
      onStarted(data!.id)
    } catch (error) {
      failed(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Group align="flex-end" gap="xs">
      <Select
        label={t('suites.source')}
        allowDeselect={false}
        w={180}
        data={[
          { value: 'draft', label: t('suites.draft') },
          ...(versions.data?.results.map(({ number }) => ({
            value: String(number),
            label: t('suites.version', { number }),
          })) ?? []),
        ]}
        value={source}
        onChange={(value) => setSource(value!)}
      />
      <Button leftSection={<IconPlayerPlay size={16} />} loading={busy} onClick={() => void start()}>
        {dirty || (source === 'draft' && draft.dirty) ? t('suites.runSaves') : t('suites.run')}
      </Button>
    </Group>
  )
}

function Remove({ id, name, onRemoved }: { id: string; name: string; onRemoved: () => void }) {
  const { t } = useTranslation(['agents', 'common'])
  const again = useSuitesAgain()
  const remove = $api.useMutation('delete', '/api/v1/suites/{id}', {
    onSuccess: () => {
      again()
      done(t('suites.removed'))
      onRemoved()
    },
    onError: failed,
  })
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      leftSection={<IconTrash size={15} />}
      onClick={() =>
        confirmDanger({
          title: t('suites.removeTitle', { name }),
          text: t('suites.removeText'),
          confirm: t('suites.remove'),
          cancel: t('common:cancel'),
          onConfirm: () => remove.mutate({ params: { path: { id } } }),
        })
      }
    >
      {t('suites.remove')}
    </Button>
  )
}
