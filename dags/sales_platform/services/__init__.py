"""Starting and stopping what the job needs: the cluster for each run, the database by office hours."""
