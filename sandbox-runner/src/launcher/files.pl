# What stands in the workspace before and after a command, and how to make it plain again. The first of
# the files that the supervisor is put together of: what all of them know stands here.
use strict;

my ($prctl, $statx, $llistxattr, $inotify_init, $inotify_add) = @ARGV;
my $root = '/workspace';

sub is_empty {
  opendir my $folder, $_[0] or return 0;
  return !grep { !/^\.\.?$/ } readdir $folder;
}

# One record for each file, folder and thing of another kind: a letter for its kind, its state, its path.
# The state is everything that tells one state of a file from another, as statx(2) gives it: mode, inode,
# size, and both times with nanoseconds. The mtime of a placed file is a sentinel far from now, so any
# write shows, however quick; the rest catches what keeps the mtime (cp -p, mv of another placed file,
# touch -r).
my ($is_locked, $looked_at) = (0, "\0" x 256);
sub record {
  # What cannot be looked at is a file of which nothing is known: packing it fails, with a reason.
  my $kind = 'f';
  if (syscall($statx, -100, $_[0], 0x100, 0x7ff, $looked_at) == 0) {
    my $type = unpack('x28 S', $looked_at) & 0170000;
    $kind = $type == 0040000 ? 'd' : 'x' if $type != 0100000;
  } else {
    return if $! == 2;
    # A folder that may be read and not entered.
    $is_locked = 1 if $! == 13;
  }
  return
    $kind . substr($looked_at, 28, 2) . substr($looked_at, 32, 16) . substr($looked_at, 96, 28) . $_[0];
}

sub kind_of { return substr $_[0], 0, 1 }
sub mode_of { return unpack('x S', $_[0]) & 07777 }
sub size_of { return unpack('x11 Q', $_[0]) }
sub state_of { return substr $_[0], 0, 47 }
sub path_of { return substr $_[0], 47 }

# Of everything, a folder before what it holds. No program does this: at 5,000 files it would take twice
# as long as most commands.
sub listing {
  my ($records, @left) = ([], '');
  $is_locked = 0;
  while (defined(my $folder = pop @left)) {
    my $prefix = $folder eq '' ? '' : "$folder/";
    opendir my $handle, $folder eq '' ? '.' : $folder or do { $is_locked = 1; next };
    for (readdir $handle) {
      next if $_ eq '.' || $_ eq '..';
      my $record = record("$prefix$_") // next;
      push @$records, $record;
      push @left, "$prefix$_" if kind_of($record) eq 'd';
    }
  }
  return $records;
}

# The state of each file of the workspace before a command, by path.
my @folders;
sub snapshot {
  my $records = listing();
  fail('list') if $is_locked;
  @folders = map { path_of($_) } grep { kind_of($_) eq 'd' } @$records;
  return { map { path_of($_) => state_of($_) } grep { kind_of($_) eq 'f' } @$records };
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
sub remove_empty_above {
  my ($path) = @_;
  1 while $path =~ s{/[^/]*$}{} && rmdir $path;
}

sub remove_file {
  unlink $_[0];
  remove_empty_above($_[0]);
}
