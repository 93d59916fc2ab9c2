# What a command did to the workspace: heard while it did it, and looked at when it has ended. Looking at
# 5,000 files takes longer than most commands, so where the kernel told of every step, only what it named
# is looked at; where it could not, or where a step may have reached a file under another name, everything.

# A write through a shared mapping changes neither time of a file on a tmpfs, and a write with the mtime
# put back in the tick of the file's placement neither visibly: but a file that was open to be written is
# closed in the end. Its folder tells of that under the file's name.
my $writes;
# Whatever else happens to a name. Apart, since a flood of these must not drown those.
my $steps;
my %watched;
# True while any file may have been written unheard.
my $is_blind = 1;

# inotify(7): closed after writing.
my $CLOSE_WRITE = 0x8;
my ($ATTRIB, $MOVED_FROM, $MOVED_TO, $CREATE, $DELETE) = (0x4, 0x40, 0x80, 0x100, 0x200);
# And changed in size, a deleted or moved watch.
my $STEPS = 0x2 | $ATTRIB | $MOVED_FROM | $MOVED_TO | $CREATE | $DELETE | 0x400 | 0x800;
my ($OVERFLOW, $IS_FOLDER, $ONLY_FOLDERS) = (0x4000, 0x40000000, 0x1000000);

# Nothing when the kernel cannot: the limits are per uid, and of memory.
sub watch_for {
  my ($mask) = @_;
  my $fd = syscall($inotify_init, 0x80800);
  return if $fd < 0;
  open my $watch, '<&=', $fd or return;
  for my $folder ('', @folders) {
    my $path = $folder eq '' ? '.' : $folder;
    my $number = syscall($inotify_add, $fd, $path, $ONLY_FOLDERS | $mask);
    return if $number < 0;
    # Numbers count from 1 in each watch, so both give a folder the same.
    $watched{$number} = $folder eq '' ? '' : "$folder/";
  }
  return $watch;
}

sub watch {
  $writes = watch_for($CLOSE_WRITE);
  $is_blind = !defined $writes;
  # Of a kernel in user space only closed files are tried; gVisor says that it is Linux 4.4.
  open my $file, '<', '/proc/sys/kernel/osrelease' or return;
  $steps = watch_for($STEPS) if (split /\./, scalar <$file>)[0] >= 5;
}

# Calls back with the folder's number, what happened, the cookie of a move, and the name.
sub each_event {
  my ($watch, $on_event) = @_;
  while (sysread $watch, my $events, 65536) {
    while (length $events) {
      my ($number, $mask, $cookie, $length) = unpack 'lLLL', $events;
      $on_event->($number, $mask, $cookie, unpack 'Z*', substr $events, 16, $length);
      $events = substr $events, 16 + $length;
    }
  }
}

# The paths of files that were open to be written; blind, every file may have been.
my %written;
sub written {
  return \%written unless defined $writes;
  each_event($writes, sub {
    my ($number, $mask, undef, $name) = @_;
    $is_blind = 1 if $mask & $OVERFLOW;
    $written{$watched{$number} . $name} = 1 if $mask & $CLOSE_WRITE && exists $watched{$number};
  });
  return \%written;
}

# The names that something happened to; nothing when that does not tell of every file. A new name may be
# another one of a file that was there, and what is written under it is heard under it alone. So a new
# name must be there in the end, as the only one of its file: only then no other file was reached.
sub heard {
  return if $is_blind || !defined $steps;
  my (%names, %is_new, %moved);
  my $is_whole = 1;
  each_event($steps, sub {
    my ($number, $mask, $cookie, $name) = @_;
    # Folders come and go with whatever stands in them, unheard.
    return $is_whole = 0 if $mask & ($OVERFLOW | $IS_FOLDER) || !exists $watched{$number} || $name eq '';
    my $path = $watched{$number} . $name;
    $names{$path} = 1;
    if ($mask & $CREATE) { $is_new{$path} = 1 }
    elsif ($mask & $DELETE) { $is_whole = 0 if $is_new{$path} }
    elsif ($mask & $MOVED_FROM) { $moved{$cookie} = delete $is_new{$path} }
    elsif ($mask & $MOVED_TO) {
      $is_whole = 0 if $is_new{$path};
      $is_new{$path} = 1 if !exists $moved{$cookie} || $moved{$cookie};
    }
    elsif (!($mask & $ATTRIB)) { $written{$path} = 1 }
  });
  return unless $is_whole;
  $names{$_} = 1 for keys %written;
  my (@records, @gone);
  for (sort keys %names) {
    my $record = record($_);
    if (defined $record) {
      return if kind_of($record) eq 'd' || unpack('x16 L', $looked_at) != 1;
      push @records, $record;
      next if kind_of($record) eq 'f';
    }
    push @gone, $_;
  }
  return (\@records, \@gone);
}

# Records of what may not be as it was before the command, and the paths where no file stands any more.
sub altered {
  my ($before) = @_;
  $is_locked = 0;
  my ($records, $gone) = heard();
  return ($records, $gone) if defined $records && !$is_locked;
  # The command may have locked its owner, which we are, out of directories and files. The
  # workspace itself by its whole path: a locked "." cannot even be named.
  chmod 0700, $root;
  $records = listing();
  if ($is_locked) {
    unlock($root);
    $records = listing();
    fail('list') if $is_locked;
  }
  my %is_there = map { path_of($_) => 1 } grep { kind_of($_) eq 'f' } @$records;
  return ($records, [grep { !$is_there{$_} } keys %$before]);
}

# The kernel takes 20 ms to end a watch. This process would not end before: another one does it.
sub leave_watch {
  return unless $writes || $steps;
  pipe my $read, my $write;
  my $pid = fork;
  return unless defined $pid;
  if (!$pid) {
    close $_ for \*STDIN, \*STDOUT, \*STDERR, $write;
    # Until the other one has closed it: who closes last waits.
    sysread $read, my $end, 1;
    exit 0;
  }
  close $_ for grep { defined } $writes, $steps;
}
