# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_precopy_global_optspecs
    string join \n h/help V/version
end

function __fish_precopy_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_precopy_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_precopy_using_subcommand
    set -l cmd (__fish_precopy_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c precopy -n "__fish_precopy_needs_command" -s h -l help -d 'Print help'
complete -c precopy -n "__fish_precopy_needs_command" -s V -l version -d 'Print version'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "run" -d 'What happens if I migrate this guest?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "compare" -d 'How well does the model predict these real migrations?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "sweep" -d 'How does that change over these ranges?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "fit" -d 'Which scenario explains this real migration?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "why" -d 'Why did this migration end as it did, and what would have helped?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "plan" -d 'What is the smallest change that makes it work?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "check" -d 'Did a policy default get worse?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "plot" -d 'Draw results as charts: sweeps, timelines, drains'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "report" -d 'Make a report: one HTML page with pictures and tables'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "drain" -d 'How long until this host is empty?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "replay" -d 'Do it for real through libvirt, record it, hold it against the prediction'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "watch" -d 'Which migrations run now, and how will each end?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "probe" -d 'Measure this host: the constants that answers depend on'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "survey" -d 'What do the guests of this host dirty?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "presets" -d 'What workloads are known by name?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "init" -d 'Write a first scenario, to continue from'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "cite" -d 'How do I cite this?'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "completions" -d 'Completions for a shell'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "man" -d 'Manual pages'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "schema" -d 'JSON schemas of what is read and written, for editors and programs'
complete -c precopy -n "__fish_precopy_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c precopy -n "__fish_precopy_using_subcommand run" -l ram -d 'RAM of the guest, such as 32GiB' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l vcpus -d 'Virtual CPUs of the guest' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l dirty-rate -d 'The guest\'s dirty rate, such as 1480MiB/s, taken for uniform writes to all of RAM' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l load -d 'What runs in the guest: a preset of `precopy presets`, or a word such as nginx' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l link -d 'Speed of the link, such as 25G for 25 Gbit/s' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l vm -d 'Of a fleet or a list of guests, the guest of this name, with the link for itself' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l set -d 'Set any key of the scenario; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l orchestrator -d 'What is above QEMU: a product\'s name, or the file that it reads its settings from, in place of the scenario\'s `[orchestrator]`' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand run" -l timeline -d 'Write what happened when as CSV, a row per sync and per sample' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand run" -l plot -d 'Draw remaining RAM, throttle, bandwidth and dirty rate over time' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand run" -l repeats -d 'Run N times, with seeds from `--seed` on, and report medians, intervals and the share of verdicts' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l expect -d 'Exit with 1 unless the migration ends like this; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l in -d 'Share of the repeats that must end like this' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -s j -l jobs -d 'Threads; as many as there are cores if not given' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l seed -d 'Root of every random stream; the same scenario and seed give the same bytes' -r
complete -c precopy -n "__fish_precopy_using_subcommand run" -l memory -d 'How the guest\'s memory is modelled' -r -f -a "expected\t'Expected shares of dirty pages in closed form: fast, whatever the guest\'s size'
exact\t'One bit per page, every page write drawn: the slow reference'"
complete -c precopy -n "__fish_precopy_using_subcommand run" -l format -d 'Form of the report' -r -f -a "text\t'For a person'
json\t'One object, base units, full precision'
csv\t'A header and a row, base units, full precision'"
complete -c precopy -n "__fish_precopy_using_subcommand run" -s o -l output -d 'Where the report goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand run" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand run" -s q -l quiet -d 'No warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand run" -s v -l verbose -d 'Tell on standard error what happens during the migration'
complete -c precopy -n "__fish_precopy_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l nth -d 'Which migration of each log, counted from 1' -r
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l scenario -d 'Predict with this scenario in place of the traces\' own configuration, which logs do not have' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l tolerance -d 'Exit with 1 if a total time is off by more than PCT per cent or a verdict is wrong' -r
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l rate -d 'Which rate of the guest to predict from: that before the migration, or that under way, which is not known before' -r -f -a "before\t'As it was before the migration'
under-way\t'As it was during the migration, while the throttle let the guest run'"
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l seed -d 'Root of every random stream; the same scenario and seed give the same bytes' -r
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l memory -d 'How the guest\'s memory is modelled' -r -f -a "expected\t'Expected shares of dirty pages in closed form: fast, whatever the guest\'s size'
exact\t'One bit per page, every page write drawn: the slow reference'"
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l format -d 'Form of the report' -r -f -a "text\t'For a person'
json\t'One object, base units, full precision'
csv\t'A header and a row, base units, full precision'"
complete -c precopy -n "__fish_precopy_using_subcommand compare" -s o -l output -d 'Where the report goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand compare" -l passes -d 'Also show the time of every sync'
complete -c precopy -n "__fish_precopy_using_subcommand compare" -s q -l quiet -d 'No warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand compare" -s v -l verbose -d 'Tell on standard error what happens during the migration'
complete -c precopy -n "__fish_precopy_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l vary -d 'Vary a key: `KEY=A,B,C`, `KEY=FROM..TO/STEPS` or `KEY=FROM..TO/STEPS log`; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l set -d 'Set any key of the scenario; a key that the file varies is then fixed' -r
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l orchestrator -d 'What is above QEMU: a product\'s name, or the file that it reads its settings from, in place of the scenario\'s `[orchestrator]`' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l design -d 'How points are chosen; without it a grid, or with `--points` a Sobol sequence' -r -f -a "grid\t'Every combination of the values'
random\t'Points drawn independently of each other'
latin-hypercube\t'As many layers of each range as points, each hit once'
sobol\t'A scrambled Sobol sequence, which covers the ranges evenly'"
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l points -d 'How many points, for every design but a grid' -r
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l repeats -d 'Runs at each point, with seeds from `--seed` on, the same at every point' -r
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -s o -l output -d 'Where the rows go: `.csv`, `.jsonl` or, in a build with the feature `parquet`, `.parquet`' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l shard -d 'Run only part I of N, I from 1 to N; `--merge` puts the parts together' -r
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l merge -d 'Put the parts of all shards together' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -s j -l jobs -d 'Threads; as many as there are cores if not given' -r
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l seed -d 'Root of every random stream' -r
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l memory -d 'How the guest\'s memory is modelled' -r -f -a "expected\t'Expected shares of dirty pages in closed form: fast, whatever the guest\'s size'
exact\t'One bit per page, every page write drawn: the slow reference'"
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l summary -d 'A row for each point: share of each verdict; of each figure the runs that have it, and over these its median, 5 % and 95 % quantile, mean and 95 % interval'
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l resume -d 'Go on with FILE after an interruption; begin if there is nothing to go on with'
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -l restart -d 'Begin anew, and give up what an interrupted sweep has left in FILE.part'
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand sweep" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l nth -d 'Which migration of each log, counted from 1' -r
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l dirtyrate -d 'Make a first scenario from dirty rates, without any migration' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l recording -d 'Reduce a recording of writes to different pages by interval, without any migration' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l instructions -d 'Instructions a second of the program, where a recording has no other clock' -r
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l log -d 'Take the zero pages of RAM from the log of an earlier migration of this guest' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l zero -d 'How much of RAM is zero, as a share or a size, where dirty rates are all that is known' -r
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l guest -d 'Which guest of several that dirty rates are of' -r
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l scenario -d 'Take RAM, link and QEMU from this scenario; its workloads are what is looked for' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l plot -d 'Draw the first migration, predicted and measured' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l seed -d 'Root of every random stream; the same scenario and seed give the same bytes' -r
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l memory -d 'How the guest\'s memory is modelled' -r -f -a "expected\t'Expected shares of dirty pages in closed form: fast, whatever the guest\'s size'
exact\t'One bit per page, every page write drawn: the slow reference'"
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l format -d 'Form of the report' -r -f -a "text\t'For a person'
json\t'One object, base units, full precision'
csv\t'A header and a row, base units, full precision'"
complete -c precopy -n "__fish_precopy_using_subcommand fit" -s o -l output -d 'Where the report goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand fit" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand fit" -s q -l quiet -d 'No warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand fit" -s v -l verbose -d 'Tell on standard error what happens during the migration'
complete -c precopy -n "__fish_precopy_using_subcommand fit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand why" -l nth -d 'Which migration of each log, counted from 1; without it all of them' -r
complete -c precopy -n "__fish_precopy_using_subcommand why" -l orchestrator -d 'The product that steered it, where the log does not show that' -r
complete -c precopy -n "__fish_precopy_using_subcommand why" -l as -d 'End with the change as this product takes it; without it as the one does whose log it is' -r -f -a "virsh\t''
nova\t''
kubevirt\t''
proxmox\t''
qmp\t''"
complete -c precopy -n "__fish_precopy_using_subcommand why" -l save -d 'Write the guest that explains the first migration as a scenario' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand why" -l format -d 'Form of the report' -r -f -a "text\t'For a person'
json\t'A list with an object for each migration, base units, full precision'"
complete -c precopy -n "__fish_precopy_using_subcommand why" -s o -l output -d 'Where the report goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand why" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand why" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l goal -d 'What is wanted; may be given several times, and all must hold' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l by -d 'Try only this lever, or any key with these values; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l pairs -d 'Pairs of changes to show' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l repeats -d 'Run everything N times, with seeds from `--seed` on' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l in -d 'Share of the repeats that must meet the goal' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l as -d 'End with the changes as this product takes them: a command line, lines of its settings, an object' -r -f -a "virsh\t''
nova\t''
kubevirt\t''
proxmox\t''
qmp\t''"
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l vm -d 'Of a fleet or a list of guests, the guest of this name, with the link for itself' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l link -d 'Bandwidth of the link; the same as `--set link.bandwidth=RATE`' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l window -d 'Of a fleet: the host is to be empty within this time' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l scheduler -d 'Of a fleet: take this product\'s scheduler with its defaults in place of the fleet\'s' -r -f -a "nova\t''
ovirt\t''
kubevirt\t''
openshift\t''
harvester\t''
proxmox\t''
vsphere\t''
slots\t''"
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l set -d 'Set any key of the scenario; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l orchestrator -d 'What is above QEMU: a product\'s name, or the file that it reads its settings from, in place of the scenario\'s `[orchestrator]`' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand plan" -s j -l jobs -d 'Threads; as many as there are cores if not given' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l seed -d 'Root of every random stream; the same scenario and seed give the same bytes' -r
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l memory -d 'How the guest\'s memory is modelled' -r -f -a "expected\t'Expected shares of dirty pages in closed form: fast, whatever the guest\'s size'
exact\t'One bit per page, every page write drawn: the slow reference'"
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l format -d 'Form of the report' -r -f -a "text\t'For a person'
json\t'One object, base units, full precision'
csv\t'A header and a row, base units, full precision'"
complete -c precopy -n "__fish_precopy_using_subcommand plan" -s o -l output -d 'Where the report goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand plan" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand plan" -s q -l quiet -d 'No warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand plan" -s v -l verbose -d 'Tell on standard error what happens during the migration'
complete -c precopy -n "__fish_precopy_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand check" -l baseline -d 'The baseline, if it is not DIR/baseline.json' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand check" -l only -d 'Only these: a scenario or a folder of them, a policy, or both as `guest/policy`; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand check" -l set -d 'Set any key in all scenarios, over their policies; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand check" -l a -d 'Compare two settings: the first, as `--set` takes it; without it, the scenarios as they are' -r
complete -c precopy -n "__fish_precopy_using_subcommand check" -l b -d 'The second setting; without it, the scenarios as they are' -r
complete -c precopy -n "__fish_precopy_using_subcommand check" -l plot -d 'Draw what the second setting changes for each guest, as SVG or PNG' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand check" -l junit -d 'Write JUnit XML, which CI servers show' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand check" -l markdown -d 'Write Markdown, for a comment on a pull request' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand check" -s j -l jobs -d 'Threads; as many as there are cores if not given' -r
complete -c precopy -n "__fish_precopy_using_subcommand check" -l seed -d 'Root of every random stream; the same scenario and seed give the same bytes' -r
complete -c precopy -n "__fish_precopy_using_subcommand check" -l memory -d 'How the guest\'s memory is modelled' -r -f -a "expected\t'Expected shares of dirty pages in closed form: fast, whatever the guest\'s size'
exact\t'One bit per page, every page write drawn: the slow reference'"
complete -c precopy -n "__fish_precopy_using_subcommand check" -l format -d 'Form of the report' -r -f -a "text\t'For a person'
json\t'One object, base units, full precision'
csv\t'A header and a row, base units, full precision'"
complete -c precopy -n "__fish_precopy_using_subcommand check" -s o -l output -d 'Where the report goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand check" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand check" -l bless -d 'Make what is there now the new baseline: write DIR/baseline.json, whatever the old one says'
complete -c precopy -n "__fish_precopy_using_subcommand check" -s q -l quiet -d 'No warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand check" -s v -l verbose -d 'Tell on standard error what happens during the migration'
complete -c precopy -n "__fish_precopy_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l kind -d 'Kind of chart; without one, the results decide' -r -f -a "timeline\t'RAM, throttle and rates of one or several migrations through time'
line\t'A figure over an axis, a line for each group, a band over repeats'
heatmap\t'A figure over two axes in colours, with the frontier of convergence'
cdf\t'Share of the runs that stay below a value'
frontier\t'Two costs against each other, the best choices joined; what converges is in a heat map'
bars\t'A figure for each of some choices, side by side'"
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l x -d 'Column along the x axis' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l y -d 'Column along the y axis' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l value -d 'Column that the colours of a heat map show' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l group -d 'Column whose values are told apart by colour and shape' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l facet -d 'Column with a panel for each of its values' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l band -d 'What lies around a line' -r -f -a "quantiles\t'From the 5 % to the 95 % quantile of the runs, around their median'
ci\t'The 95 % confidence interval of the mean, around the mean'
none\t'Nothing; the line is the median'"
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l where -d 'Draw only rows for which this holds; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l x-scale -d 'Spread of the values along the x axis' -r -f -a "auto\t'Logarithmic where values differ by a factor of 20 or have equal ratios'
linear\t'Equal distances are equal differences'
log\t'Equal distances are equal factors'"
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l y-scale -d 'Spread of the values along the y axis, or over the colours of a heat map' -r -f -a "auto\t'Logarithmic where values differ by a factor of 20 or have equal ratios'
linear\t'Equal distances are equal differences'
log\t'Equal distances are equal factors'"
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l size -d '`paper` (a column of 89 mm), a journal\'s column, `slide` (16:9), `page` (900x560), or a width, or width and height' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l title -d 'Title of the figure' -r
complete -c precopy -n "__fish_precopy_using_subcommand plot" -s o -l output -d 'Where the picture goes: `.svg`, `.pdf` or `.png`; `-` is SVG on standard output' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand plot" -l script -d 'Print a Python script that draws the same with matplotlib'
complete -c precopy -n "__fish_precopy_using_subcommand plot" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand plot" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand report" -l set -d 'Set any key of the scenario before it is run' -r
complete -c precopy -n "__fish_precopy_using_subcommand report" -l where -d 'Show only rows for which this holds; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand report" -l title -d 'Heading, where the scenario asks no question' -r
complete -c precopy -n "__fish_precopy_using_subcommand report" -s o -l output -d 'Where the page goes; `-` is standard output' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand report" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand report" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l set -d 'Set any key of the fleet; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l link -d 'Bandwidth of the shared link; the same as `--set link.bandwidth=RATE`' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l orchestrator -d 'What is above QEMU: a product\'s name, or the file that it reads its settings from, in place of the scenario\'s `[orchestrator]`' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l loads -d 'What the words in a table\'s column `load` stand for, before the program\'s own table (TOML, docs/inventories.md)' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l assume -d 'What guests of unknown workload write at worst; the answer then holds from idle to that' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l flavors -d 'Flavors of an OpenStack list: `openstack flavor list --all -f json`' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l host -d 'Of several hosts, take the guests of this one only' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l scheduler -d 'Take this product\'s scheduler with its defaults in place of the fleet\'s; `all` compares them in one table' -r -f -a "nova\t''
ovirt\t''
kubevirt\t''
openshift\t''
harvester\t''
proxmox\t''
vsphere\t''
slots\t''
all\t''"
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l slots -d 'Migrations at once, whatever the scheduler says' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l order -d 'Who comes first, whatever the scheduler says' -r -f -a "as-given\t''
priority\t''
smallest-first\t''
largest-first\t''
shortest-first\t''
longest-first\t''
lowest-rate-first\t''
highest-rate-first\t''"
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l most -d 'Most migrations at once that a search tries' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l settings -d 'Drains that a search spends on settings; 0 leaves them as they are' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l exchanges -d 'Drains that a search spends on letting guests change places' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l goal -d 'What each guest is owed; may be given several times, and all must hold' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l window -d 'The host is to be empty within this time, or it exits with 1' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l repeats -d 'Drain N times, with seeds from `--seed` on; 100 times if `--within` or `--in` is given' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l within -d 'Report the chance that the host is empty within this time' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l in -d 'Exit with 1 unless at least this share of the drains keeps the window and the goals' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l plot -d 'Draw who went when' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l report -d 'The page to hand on: one HTML file that needs no network, with the answer, the timetable, who stays and why' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l title -d 'Heading of that page, where the fleet asks no `question`' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -s j -l jobs -d 'Threads; as many as there are cores if not given' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l seed -d 'Root of every random stream; the same scenario and seed give the same bytes' -r
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l memory -d 'How the guest\'s memory is modelled' -r -f -a "expected\t'Expected shares of dirty pages in closed form: fast, whatever the guest\'s size'
exact\t'One bit per page, every page write drawn: the slow reference'"
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l format -d 'Form of the report' -r -f -a "text\t'For a person'
json\t'One object, base units, full precision'
csv\t'A header and a row, base units, full precision'"
complete -c precopy -n "__fish_precopy_using_subcommand drain" -s o -l output -d 'Where the report goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand drain" -l search -d 'Look for the best settings, the best number of migrations at once and the best order'
complete -c precopy -n "__fish_precopy_using_subcommand drain" -s q -l quiet -d 'No warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand drain" -s v -l verbose -d 'Tell on standard error what happens during the migration'
complete -c precopy -n "__fish_precopy_using_subcommand drain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l fleet -d 'Drain a host for real: a fleet as `precopy drain` reads it, whose guests have the names of their domains' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l set -d 'Set any key of the scenario; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l connect -d 'The source, as libvirt names it' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l domain -d 'The domain to migrate' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l dest -d 'The destination, as the source\'s libvirt daemon reaches it' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l migrate-uri -d 'Where QEMU connects to, if libvirt is not to choose: tcp://10.0.0.2' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l sample-ms -d 'Time between two looks' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -s o -l output -d 'Where the recording goes; `precopy compare` and `precopy fit` read it. With --fleet a folder for all of them' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l plot -d 'Draw prediction and measurement over each other, as SVG or PNG by the suffix' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l tolerance -d 'Exit with code 1 if the predicted total time is off by more than PERCENT, or a verdict is wrong' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l seed -d 'Root of the prediction\'s random streams' -r
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand replay" -l dry-run -d 'Show the calls that would be made, and make none'
complete -c precopy -n "__fish_precopy_using_subcommand replay" -s y -l yes -d 'Do not ask'
complete -c precopy -n "__fish_precopy_using_subcommand replay" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand watch" -l connect -d 'The host, as libvirt names it' -r
complete -c precopy -n "__fish_precopy_using_subcommand watch" -l domain -d 'Only this domain' -r
complete -c precopy -n "__fish_precopy_using_subcommand watch" -l every -d 'Time between two lists; looks are ten a second' -r
complete -c precopy -n "__fish_precopy_using_subcommand watch" -l scenario -d 'A scenario with what is known of the migration: levers and limits that libvirt does not show' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand watch" -l format -d 'How to write: for a person, or a line of JSON for each look' -r -f -a "text\t'For a person'
json\t'An object a line'"
complete -c precopy -n "__fish_precopy_using_subcommand watch" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand watch" -l once -d 'Look, say, and end'
complete -c precopy -n "__fish_precopy_using_subcommand watch" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l seconds -d 'Time for all measurements' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l to -d 'Send to a peer instead of over the loopback; with --guest, the destination as the source\'s libvirt daemon reaches it' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l listen -d 'Receive what peers send, until Ctrl-C; measures nothing' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l guest -d 'Try this guest: a migration with auto-converge that is cancelled' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l connect -d 'Where the guest runs, as libvirt names it' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l for -d 'How long the guest is tried, after the first pass over its RAM' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l bandwidth -d 'What the trial may send, in whole MiB/s' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l sink -d 'Where the source\'s QEMU reaches this program, which throws the stream away; on the source host itself the loopback will do' -r
complete -c precopy -n "__fish_precopy_using_subcommand probe" -s o -l output -d 'File of the result; `-` is standard output [default: -, with --guest NAME.trace.json]' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l format -d 'Form of the result' -r -f -a "toml\t'A section of a scenario'
json\t'JSON, in bytes a second'"
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand probe" -l dry-run -d 'Show the calls that would be made, and make none'
complete -c precopy -n "__fish_precopy_using_subcommand probe" -s y -l yes -d 'Do not ask'
complete -c precopy -n "__fish_precopy_using_subcommand probe" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand probe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l connect -d 'The host, as libvirt names it' -r
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l from -d 'A file of answers in place of a host: what `virsh version`, `dumpxml` and `domstats` printed, or what --keep wrote' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l guest -d 'Only this guest; may be given several times' -r
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l periods -d 'Lengths of the measurements, in whole seconds [default: 1s,2s,5s, or those of --from]' -r
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l times -d 'How often each length is measured; from three on the fleet says how much it scatters [default: 3]' -r
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l mode -d 'How dirty pages are counted: contents of samples, or writes, by the dirty log or by each vCPU\'s ring' -r -f -a "page-sampling\t''
dirty-bitmap\t''
dirty-ring\t''"
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l record -d 'Measure all guests again and again for so long, each time over 1 s' -r
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l every -d 'Time between the beginnings of two measurements of --record' -r
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l link -d 'Speed of the link that the fleet gets, such as 25G for 25 Gbit/s; 10 Gbit/s is assumed if not given' -r
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l keep -d 'Keep the answers themselves, as virsh would print them; `--from` and `precopy fit --dirtyrate` read them' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand survey" -s o -l output -d 'File of the result; `-` is standard output' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand survey" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand survey" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand survey" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand presets" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand presets" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand presets" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand init" -l nth -d 'Which migration of the log, counted from 1' -r
complete -c precopy -n "__fish_precopy_using_subcommand init" -l from -d 'A list of guests that has it (docs/inventories.md), or `-` for standard input' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand init" -l guest -d 'Which guest of the list; the first one if there is no other' -r
complete -c precopy -n "__fish_precopy_using_subcommand init" -l ram -d 'RAM of the guest, such as 32GiB' -r
complete -c precopy -n "__fish_precopy_using_subcommand init" -l vcpus -d 'Virtual CPUs of the guest' -r
complete -c precopy -n "__fish_precopy_using_subcommand init" -l dirty-rate -d 'The guest\'s dirty rate, such as 1480MiB/s, taken for uniform writes to all of RAM' -r
complete -c precopy -n "__fish_precopy_using_subcommand init" -l load -d 'What runs in the guest: a preset of `precopy presets`, or a word such as nginx' -r
complete -c precopy -n "__fish_precopy_using_subcommand init" -l link -d 'Speed of the link, such as 25G for 25 Gbit/s' -r
complete -c precopy -n "__fish_precopy_using_subcommand init" -s o -l output -d 'Where it goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand init" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand init" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand cite" -l unpack -d 'Write the files that the results were made from into a folder, in which the command can be run again' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand cite" -l format -d 'Form of the citation' -r -f -a "text\t'A sentence for a list of references'
bibtex\t'An entry for BibTeX and BibLaTeX'
cff\t'A file CITATION.cff'"
complete -c precopy -n "__fish_precopy_using_subcommand cite" -s o -l output -d 'Where it goes; a file appears when it is complete' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand cite" -l color -d 'When to use colours; `NO_COLOR` is honoured' -r -f -a "auto\t'On a terminal'
always\t'Also into pipes and files'
never\t'Not at all'"
complete -c precopy -n "__fish_precopy_using_subcommand cite" -s q -l quiet -d 'No progress, warnings and notes, only results and errors'
complete -c precopy -n "__fish_precopy_using_subcommand cite" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand completions" -s h -l help -d 'Print help'
complete -c precopy -n "__fish_precopy_using_subcommand man" -l all -d 'Write all pages into this folder' -r -F
complete -c precopy -n "__fish_precopy_using_subcommand man" -s h -l help -d 'Print help'
complete -c precopy -n "__fish_precopy_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "run" -d 'What happens if I migrate this guest?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "compare" -d 'How well does the model predict these real migrations?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "sweep" -d 'How does that change over these ranges?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "fit" -d 'Which scenario explains this real migration?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "why" -d 'Why did this migration end as it did, and what would have helped?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "plan" -d 'What is the smallest change that makes it work?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "check" -d 'Did a policy default get worse?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "plot" -d 'Draw results as charts: sweeps, timelines, drains'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "report" -d 'Make a report: one HTML page with pictures and tables'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "drain" -d 'How long until this host is empty?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "replay" -d 'Do it for real through libvirt, record it, hold it against the prediction'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "watch" -d 'Which migrations run now, and how will each end?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "probe" -d 'Measure this host: the constants that answers depend on'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "survey" -d 'What do the guests of this host dirty?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "presets" -d 'What workloads are known by name?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "init" -d 'Write a first scenario, to continue from'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "cite" -d 'How do I cite this?'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "completions" -d 'Completions for a shell'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "man" -d 'Manual pages'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "schema" -d 'JSON schemas of what is read and written, for editors and programs'
complete -c precopy -n "__fish_precopy_using_subcommand help; and not __fish_seen_subcommand_from run compare sweep fit why plan check plot report drain replay watch probe survey presets init cite completions man schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
