/** One case: who calls, how, and what must be true of the conversation. */
import {
  ActionIcon,
  Autocomplete,
  Button,
  Checkbox,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { IconCopy, IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Pairs } from '../flow/Pairs'
import { useAgentForm } from '../editor/form'
import { Assertions } from './Assertions'
import { emptyCaller, emptyStep } from './cases'
import { useSuiteForm } from './form'
import { ModelChoice } from './ModelChoice'
import { type AskedModel, type Caller, type Case, DEEDS, type Step, TRANSFER_ENDS } from './types'

interface CaseEditorProps {
  index: number
  onDuplicate: () => void
  onRemove: () => void
}

export function CaseEditor({ index, onDuplicate, onRemove }: CaseEditorProps) {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  const place = `cases.${index}`
  const one = form.values.cases[index]!
  const set = (change: Partial<Case>) => form.setFieldValue(place, { ...one, ...change })
  return (
    <Stack gap="lg">
      <Group align="flex-end" gap="xs">
        <TextInput
          flex={1}
          miw={180}
          label={t('suites.caseName')}
          maxLength={120}
          {...form.getInputProps(`${place}.name`)}
        />
        <Button variant="default" leftSection={<IconCopy size={15} />} onClick={onDuplicate}>
          {t('suites.duplicateCase')}
        </Button>
        <Button variant="subtle" color="gray" leftSection={<IconTrash size={15} />} onClick={onRemove}>
          {t('suites.removeCase')}
        </Button>
      </Group>
      <Group align="flex-start" gap="sm">
        <Select
          flex={1}
          miw={220}
          label={t('suites.over')}
          allowDeselect={false}
          data={[
            { value: 'text', label: t('suites.overText') },
            { value: 'audio', label: t('suites.overAudio') },
          ]}
          {...form.getInputProps(`${place}.over`)}
          onChange={(over) => set(over === 'audio' ? onPhone(one) : { over: 'text' })}
        />
        <NumberInput
          w={150}
          label={t('suites.limit')}
          min={5}
          max={300}
          {...form.getInputProps(`${place}.limit_s`)}
        />
      </Group>
      <CallerFields index={index} one={one} set={set} />
      <Assertions index={index} />
      <Surroundings one={one} set={set} />
    </Stack>
  )
}

/** On the phone the caller has fixed lines, and tools and transfers are real. */
const onPhone = ({ caller }: Case): Partial<Case> => ({
  over: 'audio',
  mocks: {},
  transfers: {},
  caller: caller.kind === 'script' ? caller : emptyCaller('script'),
})

interface PartProps {
  one: Case
  set: (change: Partial<Case>) => void
}

function CallerFields({ index, one, set }: PartProps & { index: number }) {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  const place = `cases.${index}.caller`
  const { caller } = one
  return (
    <Stack gap="sm" component="section" aria-label={t('suites.caller')}>
      <Group justify="space-between">
        <Text component="h2" fw={600} m={0}>
          {t('suites.caller')}
        </Text>
        {one.over === 'text' && (
          <SegmentedControl
            aria-label={t('suites.caller')}
            size="xs"
            value={caller.kind}
            onChange={(kind) => set({ caller: emptyCaller(kind as Caller['kind']) })}
            data={(['script', 'model'] as const).map((value) => ({
              value,
              label: t(`suites.callerKinds.${value}`),
            }))}
          />
        )}
      </Group>
      {caller.kind === 'script' ? (
        <Steps place={`${place}.steps`} steps={caller.steps} audio={one.over === 'audio'} />
      ) : (
        <>
          <Textarea label={t('suites.goal')} required autosize {...form.getInputProps(`${place}.goal`)} />
          <Textarea label={t('suites.persona')} autosize {...form.getInputProps(`${place}.persona`)} />
          <Group align="flex-start">
            <ModelChoice
              value={caller.model}
              error={form.errors[`${place}.model`] ?? form.errors[`${place}.model.model`]}
              onChange={(model: AskedModel) => set({ caller: { ...caller, model } })}
            />
            <NumberInput
              w={130}
              label={t('suites.maxTurns')}
              min={1}
              max={60}
              {...form.getInputProps(`${place}.max_turns`)}
            />
          </Group>
        </>
      )}
    </Stack>
  )
}

function Steps({ place, steps, audio }: { place: string; steps: Step[]; audio: boolean }) {
  const { t } = useTranslation('agents')
  const form = useSuiteForm()
  return (
    <Stack gap="xs">
      {steps.map((step, i) => (
        <Group
          key={i}
          gap="xs"
          wrap="nowrap"
          align="flex-start"
          role="group"
          aria-label={t('suites.step', { number: i + 1 })}
        >
          <Select
            w={150}
            aria-label={t('suites.deed', { number: i + 1 })}
            allowDeselect={false}
            data={DEEDS.map((value) => ({ value, label: t(`suites.deeds.${value}`) }))}
            value={step.do}
            onChange={(deed) => form.replaceListItem(place, i, emptyStep(deed as Step['do']))}
          />
          {step.do === 'say' && (
            <Stack gap={4} flex={1}>
              <Textarea
                aria-label={t('suites.text', { number: i + 1 })}
                autosize
                minRows={1}
                {...form.getInputProps(`${place}.${i}.text`)}
              />
              {audio && (
                <Checkbox
                  size="xs"
                  label={t('suites.interrupt')}
                  {...form.getInputProps(`${place}.${i}.interrupt`, { type: 'checkbox' })}
                />
              )}
            </Stack>
          )}
          {step.do === 'press' && (
            <TextInput
              flex={1}
              classNames={{ input: 'tl-mono' }}
              aria-label={t('suites.digits', { number: i + 1 })}
              {...form.getInputProps(`${place}.${i}.digits`)}
            />
          )}
          <ActionIcon
            ml="auto"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('suites.removeStep', { number: i + 1 })}
            disabled={steps.length === 1}
            onClick={() => form.removeListItem(place, i)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="default"
        size="xs"
        style={{ alignSelf: 'flex-start' }}
        leftSection={<IconPlus size={14} />}
        onClick={() => form.insertListItem(place, emptyStep('say'))}
      >
        {t('suites.addStep')}
      </Button>
    </Stack>
  )
}

/** What the call finds around it: variables, and by text the answers of tools and transfers. */
function Surroundings({ one, set }: PartProps) {
  const { t } = useTranslation('agents')
  return (
    <Stack gap="md">
      <Pairs
        label={t('suites.variables')}
        value={one.variables}
        add={t('suites.addVariable')}
        onChange={(variables) => set({ variables })}
      />
      {one.over === 'text' && (
        <>
          <Pairs
            label={t('suites.mocks')}
            description={t('suites.mocksHelp')}
            value={one.mocks}
            add={t('suites.addMock')}
            onChange={(mocks) => set({ mocks })}
          />
          <Transfers one={one} set={set} />
        </>
      )}
    </Stack>
  )
}

function Transfers({ one, set }: PartProps) {
  const { t } = useTranslation('agents')
  const targets = useAgentForm()
    .values.config.transfers.map(({ name }) => name)
    .filter(Boolean)
  const rows = Object.entries(one.transfers)
  const free = targets.find((name) => !(name in one.transfers))
  const put = (next: typeof rows) => set({ transfers: Object.fromEntries(next) })
  if (targets.length === 0 && rows.length === 0) return null
  return (
    <Stack gap={6} role="group" aria-label={t('suites.transfers')}>
      <div>
        <Text size="sm" fw={500}>
          {t('suites.transfers')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('suites.transfersHelp')}
        </Text>
      </div>
      {rows.map(([name, end], i) => (
        <Group key={i} gap="xs" wrap="nowrap">
          <Autocomplete
            flex={1}
            aria-label={t('suites.transferTarget', { number: i + 1 })}
            data={targets}
            value={name}
            onChange={(next) => put(rows.map((row, at) => (at === i ? [next, end] : row)))}
          />
          <Select
            flex={1}
            aria-label={t('suites.transferEnd', { number: i + 1 })}
            allowDeselect={false}
            data={TRANSFER_ENDS.map((value) => ({ value, label: t(`suites.transferEnds.${value}`) }))}
            value={end}
            onChange={(next) => put(rows.map((row, at) => (at === i ? [name, next as typeof end] : row)))}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('suites.removeTransfer', { name })}
            onClick={() => put(rows.filter((_, at) => at !== i))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      {free !== undefined && (
        <Button
          variant="subtle"
          size="compact-sm"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={14} />}
          onClick={() => put([...rows, [free, 'declined']])}
        >
          {t('suites.addTransfer')}
        </Button>
      )}
    </Stack>
  )
}
