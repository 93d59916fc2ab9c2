# What stands in the workspace before and after a command, and how to make it plain again. The first of
# the files that the supervisor is put together of: what all of them know stands here.
use strict;

my ($prctl, $statx, $llistxattr, $inotify_init, $inotify_add) = @ARGV;
my $root = '/workspace';

sub is_empty {
  opendir my $folder, $_[0] or return 0;
  return !grep { !/^\.\.?$/ } readdir $folder;
}

# One record for each file, folder and thing of another kind, a folder before what it holds: a letter
# for its kind, its state, its path. The state is everything that tells one state of a file from
# another, as statx(2) gives it: mode, inode, size, and both times with nanoseconds. The mtime of a
# placed file is a sentinel far from now, so any write shows, however quick; the rest catches what keeps
# the mtime (cp -p, mv of another placed file, touch -r). No program does this: at 5,000 files it would
# take twice as long as most commands.
my $is_locked;
sub listing {
  my ($records, $buffer, @left) = ([], "\0" x 256, '');
  $is_locked = 0;
  while (defined(my $folder = pop @left)) {
    my $prefix = $folder eq '' ? '' : "$folder/";
    opendir my $handle, $folder eq '' ? '.' : $folder or do { $is_locked = 1; next };
    for (readdir $handle) {
      next if $_ eq '.' || $_ eq '..';
      my $path = $prefix . $_;
      # What cannot be looked at is a file of which nothing is known: packing it fails, with a reason.
      my $kind = 'f';
      if (syscall($statx, -100, $path, 0x100, 0x7ff, $buffer) == 0) {
        my $type = unpack('x28 S', $buffer) & 0170000;
        if ($type == 0040000) { $kind = 'd'; push @left, $path }
        elsif ($type != 0100000) { $kind = 'x' }
      } elsif ($! == 13) {
        # A folder that may be read and not entered.
        $is_locked = 1;
      }
      push @$records,
        $kind . substr($buffer, 28, 2) . substr($buffer, 32, 16) . substr($buffer, 96, 28) . $path;
    }
  }
  return $records;
}

sub kind_of { return substr $_[0], 0, 1 }
sub mode_of { return unpack('x S', $_[0]) & 07777 }
sub size_of { return unpack('x11 Q', $_[0]) }
sub path_of { return substr $_[0], 47 }

# The files of the workspace as they are before a command, each whole record once.
my @folders;
sub snapshot {
  my $records = listing();
  fail('list') if $is_locked;
  @folders = map { path_of($_) } grep { kind_of($_) eq 'd' } @$records;
  return { map { $_ => 1 } grep { kind_of($_) eq 'f' } @$records };
}

# A write through a shared mapping changes neither time of a file on a tmpfs, and a write with the mtime
# put back in the tick of the file's placement neither visibly: but a file that was open to be written is
# closed in the end. Its folder tells of that under the file's name, which cannot change without its ctime.
my ($watch, %watched);
my $is_blind = 1;
sub watch {
  my $fd = syscall($inotify_init, 0x80800);
  return if $fd < 0;
  open $watch, '<&=', $fd or return;
  for my $folder ('', @folders) {
    my $path = $folder eq '' ? '.' : $folder;
    # Closed after writing; folders only. The limits are per uid, which other containers have too.
    my $number = syscall($inotify_add, $fd, $path, 0x1000008);
    return if $number < 0;
    $watched{$number} = $folder eq '' ? '' : "$folder/";
  }
  $is_blind = 0;
}

# The paths of files that were open to be written; blind, every file may have been.
sub written {
  my %paths;
  while (!$is_blind && sysread $watch, my $events, 65536) {
    while (length $events) {
      my ($number, $mask, undef, $length) = unpack 'lLLL', $events;
      my $name = unpack 'Z*', substr $events, 16, $length;
      $events = substr $events, 16 + $length;
      $is_blind = 1 if $mask & 0x4000;
      $paths{$watched{$number} . $name} = 1 if $mask & 8 && exists $watched{$number};
    }
  }
  return \%paths;
}

# The kernel takes 20 ms to end a watch. This process would not end before: another one does it.
sub leave_watch {
  return unless $watch;
  pipe my $read, my $write;
  my $pid = fork;
  return unless defined $pid;
  if (!$pid) {
    close $_ for \*STDIN, \*STDOUT, \*STDERR, $write;
    # Until the other one has closed it: who closes last waits.
    sysread $read, my $end, 1;
    exit 0;
  }
  close $watch;
}

# False when it carries what no file of a workspace does: a label of its own, or an access list, which
# a folder hands down. What the host labels with is not the job's.
sub is_plain {
  my ($path) = @_;
  my $names = "\0" x 4096;
  my $length = syscall($llistxattr, $path, $names, 4096);
  return $! != 34 if $length < 0;
  return !grep { !/^security\./ } split /\0/, substr $names, 0, $length;
}

# Opens folders to their owner, and whatever they hid. Not a program for each: thousands of them
# would keep the sandbox busy long after its command.
sub unlock {
  my @left = @_;
  while (defined(my $path = pop @left)) {
    my $mode = (lstat $path)[2];
    next unless defined $mode && -d _;
    chmod $mode & 07777 | 0700, $path;
    opendir my $folder, $path or next;
    push @left, map { "$path/$_" } grep { !/^\.\.?$/ } readdir $folder;
  }
}

# Removes everything in a folder; false when something is left.
sub clear {
  my ($folder) = @_;
  chmod 0700, $folder if $folder eq $root;
  return 1 if is_empty($folder);
  unlock($folder);
  waitpid run(undef, undef, '/usr/bin/find', $folder, '-xdev', '-mindepth', '1', '-delete'), 0;
  return is_empty($folder);
}

# A folder that a removed file leaves empty goes with it: a workspace knows files only.
sub remove_file {
  my ($path) = @_;
  unlink $path;
  1 while $path =~ s{/[^/]*$}{} && rmdir $path;
}
