# The archive of changed files. Most commands change a few small ones: those are written here, since
# starting a program for them would take longer than the command did. What is more, or has a long name,
# is tar's work. Both write what front reads as hostile either way.

# A plain file as a tar entry (POSIX.1-1988 ustar); nothing when it cannot be read.
sub tar_entry {
  my ($path) = @_;
  open my $file, '<:raw', $path or return;
  my $mode = (stat $file)[2] & 07777;
  my $data = do { local $/; <$file> } // '';
  my $header = pack 'a100 a8 a8 a8 a12 a12 a8 a1 a100 a6 a2 x247', $path, sprintf('%07o', $mode),
    '0000000', '0000000', sprintf('%011o', length $data), '00000000000', ' ' x 8, '0', '',
    'ustar', '00';
  substr($header, 148, 8) = sprintf "%06o\0 ", unpack '%32C*', $header;
  return $header . $data . "\0" x (-length($data) % 512);
}

sub pack_small {
  for my $path (@_) {
    my $entry = tar_entry($path);
    fail('pack') unless defined $entry;
    put('A', substr $entry, 0, 131072, '') while length $entry;
  }
  put('A', "\0" x 1024);
}

sub pack_by_tar {
  my @paths = @_;
  pipe my $list_read, my $list_write;
  pipe my $tar_read, my $tar_write;
  my $feeder = fork;
  fail('fork') unless defined $feeder;
  if (!$feeder) {
    close $_ for $list_read, $tar_read, $tar_write;
    print $list_write "$_\0" for @paths;
    close $list_write;
    exit 0;
  }
  close $list_write;
  my $pid = run($list_read, $tar_write, '/bin/tar', '--create', '--file=-', '--null',
    '--no-recursion', '--verbatim-files-from', '--hard-dereference', '--format=gnu',
    '--numeric-owner', '--owner=0', '--group=0', '--files-from=-');
  close $_ for $list_read, $tar_write;
  while (my $n = sysread $tar_read, my $data, 131072) { put('A', $data) }
  waitpid $pid, 0;
  fail('pack') if $?;
  waitpid $feeder, 0;
}
