# Runs one job inside the container: unpacks the workspace, runs the command, reports what changed.
# It decides nothing: every limit that protects the host is the container's, and whatever it sends
# is checked again in front. perl-base is Essential in Debian and starts in 2 ms; the job must not
# be able to write what this process writes, which a shell cannot ensure (see prctl below).
#
# A container may run several jobs of one holder, each under a supervisor of its own that was started
# when the one before had ended. So whatever a job leaves beyond the plain files that were reported is
# removed at its end: the next one finds what it would find in a new container with those files.
#
# In and out go frames: one type byte, 32-bit length, payload.
#   in   H header fields, NUL-separated   I the command's stdin   X paths to remove, NUL-separated
#        T piece of a tar   E end of what is placed   G go   K end the command (TERM, later KILL)
#   out  S started   o stdout   e stderr   t stream was cut ("o" or "e")
#        c command ended: code, signal, timed out, out of memory
#        D deleted paths, NUL-separated   A piece of the tar of changed files   N files not kept
#        F failure: word   Z end
# Those of the egress channel are egress.pl's. What stands in the workspace is files.pl's to say.
# The command has this process' uid: without this it could open /proc/PID/fd/1 here and write
# frames of its own. A non-dumpable process' /proc entries belong to root, so nobody can.
sub dumpable { syscall($prctl, 4, $_[0], 0, 0, 0) == 0 && syscall($prctl, 3, 0, 0, 0, 0) == $_[0] }
dumpable(0) or die "the supervisor cannot protect itself\n";

binmode STDIN;
binmode STDOUT;
umask 022;

sub put {
  my ($type, $payload) = @_;
  my $frame = $type . pack('N', length $payload) . $payload;
  my $at = 0;
  while ($at < length $frame) {
    my $n = syswrite STDOUT, $frame, length($frame) - $at, $at;
    finish() unless defined $n;
    $at += $n;
  }
}

sub processes {
  opendir my $proc, '/proc' or return;
  return grep { /^\d+$/ && $_ != $$ } readdir $proc;
}

# Here before any job: the container's first process and its child, which have another uid. The process
# that ends the watch of the job before may take a moment more.
my %own;
for (1 .. 100) {
  %own = map { $_ => 1 } processes();
  last if keys %own <= 2;
  select undef, undef, undef, 0.002;
}

# Kills whatever runs under this uid, this process excepted. One call catches even a fork bomb (the
# kernel signals under one lock); the loop waits until the dead are reaped.
sub kill_all {
  for (1 .. 1000) {
    kill 'KILL', -1;
    1 while waitpid(-1, 1) > 0;
    return unless grep { !$own{$_} } processes();
    select undef, undef, undef, 0.002;
  }
}

sub finish { kill_all(); exit }
sub fail { put('F', $_[0]); finish() }

sub take {
  my ($want) = @_;
  my $data = '';
  while (length $data < $want) {
    my $n = sysread STDIN, $data, $want - length $data, length $data;
    finish() unless $n;
  }
  return $data;
}

sub frame {
  my ($type, $size) = unpack 'aN', take(5);
  return ($type, $size ? take($size) : '');
}

# Seconds since boot, in hundredths; no module needed.
sub clock {
  open my $file, '<', '/proc/uptime' or return time;
  return (split ' ', scalar <$file>)[0];
}

# How often the kernel killed in this cgroup for want of memory (version 1, then version 2).
sub oom_kills {
  for my $path ('/sys/fs/cgroup/memory/memory.oom_control', '/sys/fs/cgroup/memory.events') {
    open my $file, '<', $path or next;
    while (<$file>) { return $1 if /^oom_kill (\d+)/ }
  }
  return 0;
}

sub run {
  my ($stdin, $stdout, @command) = @_;
  my $pid = fork;
  fail('fork') unless defined $pid;
  return $pid if $pid;
  if (ref $stdin) { open STDIN, '<&', $stdin } else { open STDIN, '<', '/dev/null' }
  if (ref $stdout) { open STDOUT, '>&', $stdout } else { open STDOUT, '>', '/dev/null' }
  open STDERR, '>', '/dev/null';
  chdir $root;
  %ENV = (PATH => '/usr/bin:/bin', LC_ALL => 'C');
  exec { $command[0] } @command;
  exit 127;
}

chdir $root or die "no workspace\n";
# Taken while nobody waits yet: what the job before has left.
my $before = snapshot();

my ($access, $timeout_ms, $grace_ms, $max_output, $cwd, $start, $keep, $egress, @rest);
my (@env, @argv);
my $stdin = '';
my ($tar_pid, $tar_in);
my $is_changed = 0;

while (1) {
  my ($type, $payload) = frame();
  if ($type eq 'H') {
    ($access, $timeout_ms, $grace_ms, $max_output, $cwd, $start, $keep, $egress, @rest) =
      split /\0/, $payload, -1;
    if ($start eq 'empty' && !is_empty($root)) {
      clear($root) or fail('unpack');
      $before = {};
      @folders = ();
    }
    my $count = shift @rest;
    @env = splice @rest, 0, $count;
    $count = shift @rest;
    @argv = splice @rest, 0, $count;
  } elsif ($type eq 'I') {
    $stdin .= $payload;
  } elsif ($type eq 'X') {
    remove_file($_) for split /\0/, $payload;
    $is_changed = 1;
  } elsif ($type eq 'T') {
    if (!$tar_pid) {
      pipe my $read, $tar_in;
      $tar_pid = run($read, undef, '/bin/tar', '--extract', '--file=-', '--no-same-owner',
        '--preserve-permissions');
      close $read;
    }
    $is_changed = 1;
    local $SIG{PIPE} = 'IGNORE';
    my $at = 0;
    while ($at < length $payload) {
      my $n = syswrite $tar_in, $payload, length($payload) - $at, $at;
      fail('unpack') unless defined $n;
      $at += $n;
    }
  } elsif ($type eq 'E') {
    next unless $tar_pid;
    close $tar_in;
    waitpid $tar_pid, 0;
    fail('unpack') if $?;
  } elsif ($type eq 'G') {
    last;
  } elsif ($type eq 'K') {
    finish();
  }
}

# Under `ro` nothing is ever taken out again; the modes only make a write fail where it is tried.
waitpid run(undef, undef, '/bin/chmod', '-R', 'a-w', '.'), 0 if $access eq 'ro' && !is_empty($root);
$before = snapshot() if $access eq 'rw' && $is_changed;
watch() if $access eq 'rw' && keys %$before;
my $oom_before = oom_kills();

pipe my $out_read, my $out_write;
pipe my $err_read, my $err_write;
pipe my $status_read, my $status_write;
# Its word to go: a job's first act may be to stop every process of its uid, this one too. Before it is
# told that the command has begun, the other side knows of no time that it has.
pipe my $go_read, my $go_write;

# The command's stdin is a nameless file: it can be seeked, and nobody has to feed it.
open my $stdin_file, '+>', '/tmp/.stdin' or fail('stdin');
unlink '/tmp/.stdin';
syswrite $stdin_file, $stdin if length $stdin;
sysseek $stdin_file, 0, 0;
$stdin = '';

# Before the command, so that it finds its ports open and cannot take them.
egress_listen(split /,/, $egress) or fail('egress');

# A process between, so that the end of the command is a readable pipe and no signal to race with.
my $waiter = fork;
fail('fork') unless defined $waiter;
if (!$waiter) {
  egress_stop();
  close $go_write;
  $SIG{TERM} = 'IGNORE';
  my $child = fork;
  exit 1 unless defined $child;
  if (!$child) {
    $SIG{TERM} = 'DEFAULT';
    open STDIN, '<&', $stdin_file;
    open STDOUT, '>&', $out_write;
    open STDERR, '>&', $err_write;
    dumpable(1);
    # The kernel takes the command before it takes this supervisor.
    if (open my $file, '>', '/proc/self/oom_score_adj') { syswrite $file, '1000' }
    setpgrp 0, 0;
    %ENV = ();
    for (@env) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
    exit 125 unless sysread $go_read, my $go, 1;
    unless (chdir "$root/$cwd") { syswrite STDERR, "cannot enter directory: $cwd: $!\n"; exit 126 }
    exec { $argv[0] } @argv;
    syswrite STDERR, "cannot run: $argv[0]: $!\n";
    exit 127;
  }
  close $_ for $out_write, $err_write, $out_read, $err_read, $stdin_file;
  waitpid $child, 0;
  syswrite $status_write, "$?";
  exit 0;
}
close $_ for $out_write, $err_write, $status_write, $stdin_file, $go_read;
put('S', '');
{
  # Where nothing could be forked, nobody reads it.
  local $SIG{PIPE} = 'IGNORE';
  syswrite $go_write, '1';
}
close $go_write;

my %streams = (o => [$out_read, 0], e => [$err_read, 0]);
my $status = '';
my $kill_at = clock() + $timeout_ms / 1000;
my $sent_term = 0;
my $timed_out = 0;
my $cancelled = 0;

sub terminate {
  kill 'TERM', -1;
  kill 'CONT', -1;
  $sent_term = 1;
  $kill_at = clock() + $grace_ms / 1000;
}

# Each piece costs the engine and front some work that no limit of this container counts. So a command
# that writes byte by byte is read at most every 4 ms, once it is known as such.
my $small_pieces = 0;

# Passes on one piece; past the limit the pipe is closed, so that the command cannot go on filling.
sub pump {
  my ($name) = @_;
  my $stream = $streams{$name};
  my $n = sysread $stream->[0], my $data, 65536;
  return delete $streams{$name} unless $n;
  my $room = $max_output - $stream->[1];
  $stream->[1] += $n;
  put($name, $n > $room ? substr($data, 0, $room) : $data) if $room > 0;
  if ($n > $room) {
    put('t', $name);
    close $stream->[0];
    delete $streams{$name};
  }
  select undef, undef, undef, 0.004 if $n < 4096 && ++$small_pieces > 32;
}

while (1) {
  my $set = '';
  vec($set, fileno($_->[0]), 1) = 1 for values %streams;
  vec($set, fileno($status_read), 1) = 1;
  vec($set, fileno(STDIN), 1) = 1;
  my $left = $kill_at - clock();
  if ($left <= 0) {
    last if $sent_term;
    $timed_out = 1;
    terminate();
    next;
  }
  my $writable = '';
  egress_wait(\$set, \$writable);
  next if select($set, $writable, undef, $left) < 1;
  for (keys %streams) { pump($_) if vec $set, fileno($streams{$_}[0]), 1 }
  egress_run($set, $writable);
  if (vec $set, fileno(STDIN), 1) {
    my ($type, $payload) = frame();
    if ($type eq 'K' && !$cancelled) { $cancelled = 1; terminate() }
    egress_frame($type, $payload);
  }
  if (vec $set, fileno($status_read), 1) { sysread $status_read, $status, 32; last }
}

egress_stop();
# No process of the job is left when its changes are read, and none holds the pipes open.
kill_all();
my $drain_until = clock() + 2;
while (%streams && clock() < $drain_until) {
  my $set = '';
  vec($set, fileno($_->[0]), 1) = 1 for values %streams;
  next if select($set, undef, undef, 0.2) < 1;
  for (keys %streams) { pump($_) if vec $set, fileno($streams{$_}[0]), 1 }
}

# No status means that the command, or the job with it, was killed.
$status = 9 if $status eq '';
my $oom = oom_kills() > $oom_before ? 1 : 0;
put('c', join ' ', $status >> 8, $status & 127, $timed_out, $oom);

my ($records, $gone) = ([], []);
my @changed;
if ($access eq 'rw' && !$cancelled) {
  my $written = written();
  ($records, $gone) = altered($before);
  my $not_kept = grep { kind_of($_) eq 'x' } @$records;
  my $state;
  my @altered = grep {
    kind_of($_) eq 'f' && (
      $is_blind || $written->{path_of($_)} || !defined($state = $before->{path_of($_)}) ||
      $state ne state_of($_))
  } @$records;
  my ($changed_bytes, @unreadable) = (0);
  for (@altered) {
    push @changed, path_of($_);
    $changed_bytes += size_of($_);
    push @unreadable, path_of($_) if (mode_of($_) & 0600) != 0600;
  }
  @changed = sort @changed;
  put('N', $not_kept) if $not_kept;
  # In pieces, so that no frame outgrows what the reader accepts.
  my @deleted = grep { exists $before->{$_} } @$gone;
  while (@deleted) { put('D', join "\0", splice @deleted, 0, 64) }
  if (@changed) {
    chmod ((lstat $_)[2] & 07777 | 0600, $_) for @unreadable;
    my $is_small = @changed <= 64 && $changed_bytes <= 4 << 20 && !grep { length > 100 } @changed;
    $is_small ? pack_small(@changed) : pack_by_tar(@changed);
  }
}
put('Z', '');

# What this job wrote carries times that may be the next one's "now". So they are put back by twenty
# years: far from any now, and in the same order, which make and its like go by.
my $twenty_years = 630_720_000;
my $recently = time - 365 * 86_400;

# True when nothing is left but what was reported, as a new container would hold it.
sub tidy {
  return 0 if grep { !$own{$_} } processes();
  for my $kind ('shm', 'msg', 'sem') {
    open my $file, '<', "/proc/sysvipc/$kind" or next;
    my @lines = <$file>;
    return 0 if @lines > 1;
  }
  # Queues outlive who made them, and a closed connection holds its port for a minute.
  return 0 if -d '/dev/mqueue' && !is_empty('/dev/mqueue');
  for my $kind ('sockstat', 'sockstat6') {
    open my $file, '<', "/proc/net/$kind" or next;
    return 0 if grep { /^TCP6?: inuse [1-9]|^TCP: .* tw [1-9]/ } <$file>;
  }
  clear($_) or return 0 for '/tmp', '/var/tmp', '/run';
  is_plain($root) or return 0;
  return clear($root) if $access ne 'rw';
  for (@changed) {
    my ($mode, $links, $mtime) = (lstat $_)[2, 3, 9];
    # Two names of one file would change together, which two files of a workspace do not.
    return 0 unless defined $mode && -f _ && $links == 1;
    is_plain($_) or return 0;
    chmod $mode & 0777 | 0600, $_ or return 0;
    $mtime -= $twenty_years if $mtime > $recently;
    utime $mtime, $mtime, $_ or return 0;
  }
  # Children stand after their folder, so from the end every folder is looked at when it may be empty.
  for (reverse @$records) {
    my ($kind, $path) = (kind_of($_), path_of($_));
    if ($kind eq 'x') { unlink $path or return 0 }
    next if $kind ne 'd' || rmdir $path;
    is_plain($path) or return 0;
    chmod 0755, $path unless mode_of($_) == 0755;
  }
  remove_empty_above($_) for @$gone;
  return 1;
}

if ($keep && !$cancelled && !$timed_out && tidy()) {
  leave_watch();
  exit 0;
}
exit 1;
